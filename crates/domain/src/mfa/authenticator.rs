//! The row of type `totp` in `dj_rest_auth_mfa_authenticator`.
//!
//! Its column `data` holds the secret, signed as dj-rest-auth signs it or encrypted, the last code
//! that was used, and its time step. Whoever checks a code must lock the row until the new `data` is
//! written.

use std::fmt;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::code::{folded, trimmed};
use super::totp::{TotpSecret, TotpShape};
use super::{Owner, step};
use crate::encrypted::Cipher;
use crate::random::RandomSource;
use crate::signing::{self, SecretKeys, Signer};

/// The value of the column `type`.
pub const TYPE: &str = "totp";

const SALT: &str = "dj-rest-auth-mfa-totp-secret";
const SECRET: &str = "secret";
const LAST_CODE: &str = "last_code";
/// What a secret begins with that is encrypted, before the name of its key.
const ENCRYPTED: &str = "ra1:";
const PURPOSE: &str = "totp secret";

/// Steps that a clock may be off, on each side.
const TOLERANCE: u8 = 1;
/// pyotp refuses to work with less; RFC 4226 demands 128 bits.
const FEWEST_BITS: usize = 112;

/// What using a code leaves behind.
#[derive(Clone, PartialEq)]
pub struct UsedCode {
    /// The column `data` from now on.
    pub data: Value,
    /// The time step of the code. It and all before it are refused from now on.
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

/// The same with the secret encrypted, for its owner alone. Django cannot read it.
pub fn enroll_encrypted(secret: &TotpSecret, owner: Owner<'_>, random: &dyn RandomSource) -> Value {
    let text = Cipher::new(owner.keys, PURPOSE).encrypt(secret.base32(), &about(owner), random);
    let entry = (SECRET.to_owned(), Value::from(format!("ra{}", text.replace('.', ":"))));
    Value::Object(Map::from_iter([entry]))
}

/// The secret in the column `data`; `None` if there is none that one of the keys signed or encrypted
/// for its owner, and that is long enough.
#[must_use]
pub fn secret(data: &Value, owner: Owner<'_>) -> Option<TotpSecret> {
    let stored = data.get(SECRET)?.as_str()?;
    let secret = if stored.starts_with(ENCRYPTED) {
        let text = stored.strip_prefix("ra")?.replace(':', ".");
        let base32 = Cipher::new(owner.keys, PURPOSE).decrypt(&text, &about(owner)).ok()?;
        TotpSecret::parse(&base32)
    } else {
        TotpSecret::parse(Signer::new(owner.keys, SALT).unsign(stored).ok()?)
    };
    secret.filter(is_long_enough)
}

/// Whether codes of a secret work. Those of a shorter one do not.
#[must_use]
pub fn is_long_enough(secret: &TotpSecret) -> bool {
    secret.bits() >= FEWEST_BITS
}

/// Checks a code one step around `now`, blanks and full-width digits forgiven. Codes of the last step
/// that was used and of those before it are refused, and so is the last code that Django wrote down,
/// in whatever digits they are typed.
pub fn use_code(
    data: &Value,
    code: &str,
    shape: TotpShape,
    owner: Owner<'_>,
    now: DateTime<Utc>,
) -> Option<UsedCode> {
    let code = trimmed(code)?;
    let plain = folded(code);
    let last = data.get(LAST_CODE).and_then(Value::as_str);
    if last.is_some_and(|last| signing::same(&folded(last), &plain)) {
        return None;
    }
    let step = secret(data, owner)?.matching_step(&plain, shape, TOLERANCE, now)?;
    let mut data = step::after(data, step)?;
    // Django keeps the code as it was typed.
    data.as_object_mut()?.insert(LAST_CODE.to_owned(), Value::from(code));
    Some(UsedCode { data, step })
}

/// The time step of a code that confirms a new secret, one step around `now`.
#[must_use]
pub fn confirming_step(
    secret: &TotpSecret,
    code: &str,
    shape: TotpShape,
    now: DateTime<Utc>,
) -> Option<u64> {
    secret.matching_step(&folded(trimmed(code)?), shape, TOLERANCE, now)
}

/// The column `data` after the code of a step, which is used up.
#[must_use]
pub fn after_step(data: &Value, step: u64) -> Option<Value> {
    step::after(data, step)
}

/// What the secret is encrypted together with, so that it serves no other user.
fn about(owner: Owner<'_>) -> String {
    format!("{}/{TYPE}", owner.user_id)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::random::OsRandom;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn keys() -> SecretKeys {
        SecretKeys::new("k", Vec::new())
    }

    fn ada(keys: &SecretKeys) -> Owner<'_> {
        Owner { user_id: 7, keys }
    }

    #[test]
    fn each_code_works_once_and_in_one_direction() {
        let secret = TotpSecret::parse("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap();
        let (keys, shape) = (keys(), TotpShape::default());
        let now = DateTime::from_timestamp(60, 0).unwrap();
        let [before, this, next] = [1, 2, 3].map(|step| secret.code(step, shape));
        let try_code = |data: &Value, code: &str| use_code(data, code, shape, ada(&keys), now);
        let fresh = enroll(&secret, &keys);
        let used = try_code(&fresh, &this).unwrap();
        assert_eq!(try_code(&used.data, &this), None);
        assert_eq!(try_code(&used.data, &before), None);
        let used = try_code(&used.data, &next).unwrap();
        assert_eq!(try_code(&used.data, &this), None, "this, next, this");
        assert!(try_code(&fresh, &before).is_some());
    }

    #[test]
    fn an_encrypted_secret_serves_its_owner_alone() {
        let secret = TotpSecret::parse("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap();
        let keys = keys();
        let data = enroll_encrypted(&secret, ada(&keys), &OsRandom);
        let text = data.to_string();
        assert!(text.contains("\"ra1:") && !text.contains("GEZDG"), "{text}");
        assert_eq!(super::secret(&data, ada(&keys)).unwrap().base32(), secret.base32());
        assert!(super::secret(&data, Owner { user_id: 8, keys: &keys }).is_none());
        let others = SecretKeys::new("other", Vec::new());
        assert!(super::secret(&data, ada(&others)).is_none());
        let rotated = SecretKeys::new("other", vec!["k".to_owned()]);
        assert!(super::secret(&data, ada(&rotated)).is_some());
    }

    #[test]
    fn a_code_cannot_be_repeated_in_other_digits() {
        let secret = TotpSecret::parse("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap();
        let (keys, shape) = (keys(), TotpShape::default());
        let mut data = enroll(&secret, &keys);
        data["kept"] = json!("as it was");
        let code = secret.code(1, shape);
        let used = use_code(&data, &format!("\u{1f}{code}\u{a0}"), shape, ada(&keys), NOW).unwrap();
        assert_eq!((used.step, &used.data["kept"]), (1, &json!("as it was")));
        let wide: String = code
            .bytes()
            .filter_map(|digit| char::from_u32(0xff10 + u32::from(digit - b'0')))
            .collect();
        assert_eq!(use_code(&used.data, &wide, shape, ada(&keys), NOW), None);
    }

    #[test]
    fn data_of_any_shape_is_refused_without_panic() {
        let (keys, shape) = (keys(), TotpShape::default());
        let short = Signer::new(&keys, SALT).sign("GEZDGNBVGY3TQOJQGEZDG");
        for data in [json!(null), json!([1]), json!({"secret": 1}), json!({"secret": short})] {
            assert_eq!(use_code(&data, "000000", shape, ada(&keys), NOW), None);
        }
        let data = enroll(&TotpSecret::parse(&"A".repeat(32)).unwrap(), &keys);
        assert_eq!(use_code(&data, &"\u{fdfa}".repeat(100_000), shape, ada(&keys), NOW), None);
    }
}
