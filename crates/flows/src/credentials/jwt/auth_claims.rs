//! Claims about how the user logged in (`simple_jwt.auth_claims`): when, and with what.

use rest_auth_domain::jwt::Claims;
use serde_json::Value;

use crate::login::factor::{Factor, Method};

/// When the oldest factor was proven, in seconds since 1970 (`OpenID` Connect).
const AUTH_TIME: &str = "auth_time";
/// What was proven (RFC 8176).
const AMR: &str = "amr";
/// How much it is worth: `aal1`, or `aal2` with two factors (NIST SP 800-63B).
const ACR: &str = "acr";

/// The names of these claims.
pub(super) const NAMES: [&str; 3] = [AUTH_TIME, AMR, ACR];

/// Adds the claims of a login. A refresh keeps them.
pub(super) fn add_to(claims: &mut Claims, factors: &[Factor]) {
    let Some(oldest) = factors.iter().map(|factor| factor.at).min() else { return };
    let mut amr: Vec<&str> = factors.iter().map(|factor| reference(factor.method)).collect();
    // A passkey alone proves that its device is there and that the user is at it.
    let is_verified = factors.first().is_some_and(|first| first.method == Method::Passkey);
    let has_two = is_verified || amr.len() > 1;
    if is_verified {
        amr.push("user");
    }
    if has_two {
        amr.push("mfa");
    }
    claims.insert(AUTH_TIME, oldest.timestamp());
    claims.insert(AMR, Value::from(amr));
    claims.insert(ACR, if has_two { "aal2" } else { "aal1" });
}

/// The name of a method in RFC 8176: `pop` is the proof that one has a key; `fed`, which others use too, is not registered there.
fn reference(method: Method) -> &'static str {
    match method {
        // Whoever registers has just chosen the password.
        Method::Password | Method::Registration => "pwd",
        Method::Provider => "fed",
        Method::Totp | Method::RecoveryCode => "otp",
        Method::Passkey | Method::SecurityKey => "pop",
    }
}
