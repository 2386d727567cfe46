//! The signed texts that a client carries between two requests (dj-rest-auth).

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::totp::TotpSecret;
use crate::signing::{SecretKeys, SignatureError, Signer};

const LOGIN_SALT: &str = "dj-rest-auth-mfa";
const ACTIVATION_SALT: &str = "dj-rest-auth-mfa-activation";

/// The ephemeral token: this user gave the right password and owes a second factor.
///
/// It can be used more than once and outlives a change of password, so a server that wants
/// better must remember it.
#[must_use]
pub fn ephemeral_token(user_id: i64, keys: &SecretKeys, now: DateTime<Utc>) -> String {
    Signer::new(keys, LOGIN_SALT).sign_at(&user_id.to_string(), now)
}

/// The user an ephemeral token is for.
///
/// # Errors
/// [`SignatureError`]; a token of exactly `max_age` seconds is good
/// (`MFA_EPHEMERAL_TOKEN_TIMEOUT`).
pub fn read_ephemeral_token(
    token: &str,
    max_age: i64,
    keys: &SecretKeys,
    now: DateTime<Utc>,
) -> Result<i64, SignatureError> {
    let user_id = Signer::new(keys, LOGIN_SALT).unsign_at(token, Some(max_age), now)?;
    user_id.parse().map_err(|_| SignatureError::Bad)
}

/// A secret that a user was shown and has not confirmed yet; nothing of it is stored.
#[derive(Clone, Debug)]
pub struct Activation {
    /// The only user who may use it.
    pub user_id: i64,
    /// The secret.
    pub secret: TotpSecret,
}

/// The activation token.
#[must_use]
pub fn activation_token(activation: &Activation, keys: &SecretKeys, now: DateTime<Utc>) -> String {
    let payload = json!({ "uid": activation.user_id, "secret": activation.secret.base32() });
    Signer::new(keys, ACTIVATION_SALT).dumps(&payload, false, now)
}

/// Reads an activation token. The caller must check that it is the user's own.
///
/// # Errors
/// [`SignatureError`]; a token of exactly `max_age` seconds is good
/// (`MFA_EPHEMERAL_TOKEN_TIMEOUT`).
pub fn read_activation_token(
    token: &str,
    max_age: i64,
    keys: &SecretKeys,
    now: DateTime<Utc>,
) -> Result<Activation, SignatureError> {
    let payload = Signer::new(keys, ACTIVATION_SALT).loads(token, Some(max_age), now)?;
    read_activation(&payload).ok_or(SignatureError::Bad)
}

fn read_activation(payload: &Value) -> Option<Activation> {
    let user_id = payload.get("uid")?.as_i64()?;
    let secret = TotpSecret::parse(payload.get("secret")?.as_str()?)?;
    Some(Activation { user_id, secret })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signed_payloads_of_another_form_are_refused() {
        let keys = SecretKeys::new("k", Vec::new());
        let now = DateTime::UNIX_EPOCH;
        for payload in [json!(null), json!({"uid": "1", "secret": "AA"}), json!({"uid": 1})] {
            let token = Signer::new(&keys, ACTIVATION_SALT).dumps(&payload, false, now);
            let read = read_activation_token(&token, 300, &keys, now);
            assert_eq!(read.unwrap_err(), SignatureError::Bad);
        }
        let token = Signer::new(&keys, LOGIN_SALT).sign_at("nobody", now);
        let read = read_ephemeral_token(&token, 300, &keys, now);
        assert_eq!(read, Err(SignatureError::Bad));
    }
}
