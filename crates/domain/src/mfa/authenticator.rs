//! The row of type `totp` in `dj_rest_auth_mfa_authenticator`.
//!
//! Its column `data` holds the signed secret and the last code that was used. Whoever checks a
//! code must lock the row until the new `data` is written.

use std::fmt;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::code::{folded, trimmed};
use super::totp::{TotpSecret, TotpShape};
use crate::signing::{self, SecretKeys, Signer};

/// The value of the column `type`.
pub const TYPE: &str = "totp";

const SALT: &str = "dj-rest-auth-mfa-totp-secret";
const SECRET: &str = "secret";
const LAST_CODE: &str = "last_code";

/// Steps that a clock may be off, on each side.
const TOLERANCE: u8 = 1;
/// pyotp refuses to work with less; RFC 4226 demands 128 bits.
const FEWEST_BITS: usize = 112;

/// What using a code leaves behind.
#[derive(Clone, PartialEq)]
pub struct UsedCode {
    /// The column `data` from now on.
    pub data: Value,
    /// The time step of the code. Refusing this step and all before it from now on makes each
    /// code good for one use; `data` alone only remembers the last code.
    pub step: u64,
}

/// The column holds the secret, so only the step prints.
impl fmt::Debug for UsedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UsedCode").field("step", &self.step).finish_non_exhaustive()
    }
}

/// The secret as the column holds it: signed, so that a row of one user does not serve another
/// server, but not encrypted.
#[must_use]
pub fn sign_secret(secret: &TotpSecret, keys: &SecretKeys) -> String {
    Signer::new(keys, SALT).sign(secret.base32())
}

/// The column `data` of a new authenticator; it replaces all that was there.
#[must_use]
pub fn enroll(secret: &TotpSecret, keys: &SecretKeys) -> Value {
    let entry = (SECRET.to_owned(), Value::from(sign_secret(secret, keys)));
    Value::Object(Map::from_iter([entry]))
}

/// The secret in the column `data`; `None` if there is none that one of the keys signed and that
/// is long enough.
#[must_use]
pub fn secret(data: &Value, keys: &SecretKeys) -> Option<TotpSecret> {
    let signed = data.get(SECRET)?.as_str()?;
    let base32 = Signer::new(keys, SALT).unsign(signed).ok()?;
    TotpSecret::parse(base32).filter(|secret| secret.bits() >= FEWEST_BITS)
}

/// Checks a code one step around `now`, blanks and full-width digits forgiven. The last code
/// that was used is refused, in whatever digits it is typed.
pub fn use_code(
    data: &Value,
    code: &str,
    shape: TotpShape,
    keys: &SecretKeys,
    now: DateTime<Utc>,
) -> Option<UsedCode> {
    let code = trimmed(code)?;
    let plain = folded(code);
    let last = data.get(LAST_CODE).and_then(Value::as_str);
    if last.is_some_and(|last| signing::same(&folded(last), &plain)) {
        return None;
    }
    let step = secret(data, keys)?.matching_step(&plain, shape, TOLERANCE, now)?;
    let mut data = data.clone();
    // Django keeps the code as it was typed.
    data.as_object_mut()?.insert(LAST_CODE.to_owned(), Value::from(code));
    Some(UsedCode { data, step })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn keys() -> SecretKeys {
        SecretKeys::new("k", Vec::new())
    }

    #[test]
    fn a_code_cannot_be_repeated_in_other_digits() {
        let secret = TotpSecret::parse("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap();
        let (keys, shape) = (keys(), TotpShape::default());
        let mut data = enroll(&secret, &keys);
        data["kept"] = json!("as it was");
        let code = secret.code(1, shape);
        let used = use_code(&data, &format!("\u{1f}{code}\u{a0}"), shape, &keys, NOW).unwrap();
        assert_eq!((used.step, &used.data["kept"]), (1, &json!("as it was")));
        let wide: String = code
            .bytes()
            .filter_map(|digit| char::from_u32(0xff10 + u32::from(digit - b'0')))
            .collect();
        assert_eq!(use_code(&used.data, &wide, shape, &keys, NOW), None);
    }

    #[test]
    fn data_of_any_shape_is_refused_without_panic() {
        let (keys, shape) = (keys(), TotpShape::default());
        let short = Signer::new(&keys, SALT).sign("GEZDGNBVGY3TQOJQGEZDG");
        for data in [json!(null), json!([1]), json!({"secret": 1}), json!({"secret": short})] {
            assert_eq!(use_code(&data, "000000", shape, &keys, NOW), None);
        }
        let data = enroll(&TotpSecret::parse(&"A".repeat(32)).unwrap(), &keys);
        assert_eq!(use_code(&data, &"\u{fdfa}".repeat(100_000), shape, &keys, NOW), None);
    }
}
