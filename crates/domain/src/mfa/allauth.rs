//! The rows of `mfa_authenticator`, and the cookie of trusted browsers (allauth.mfa).

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha1::Sha1;

use super::code::folded;
use super::step;
use super::totp::{TotpSecret, TotpShape};
use crate::encoding;
use crate::signing::{self, SecretKeys, Signer};

const MOST_CODES: u32 = 63;
const TRUST_SALT: &str = "allauth.mfa.trust";
const SEED: &str = "seed";
const USED_MASK: &str = "used_mask";
const MIGRATED: &str = "migrated_codes";

/// Whether two codes are the same to allauth: ASCII only, without regard to case, white space
/// and punctuation. An empty code equals nothing.
#[must_use]
pub fn same_code(typed: &str, expected: &str) -> bool {
    match (bare(typed), bare(expected)) {
        (Some(typed), Some(expected)) if !expected.is_empty() => signing::same(&typed, &expected),
        _ => false,
    }
}

fn bare(code: &str) -> Option<String> {
    let kept = |byte: &u8| !byte.is_ascii_punctuation() && !is_python_space(*byte);
    let letters = code.bytes().filter(kept).map(|byte| char::from(byte.to_ascii_lowercase()));
    code.is_ascii().then(|| letters.collect())
}

fn is_python_space(byte: u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | 0x1c..=b' ')
}

/// Uses a code, at most `tolerance` steps from now (`MFA_TOTP_TOLERANCE`), of a row of type `totp`:
/// the column `data` from now on. allauth remembers used codes in its cache; here the step and all
/// before it are refused afterwards.
#[must_use]
pub fn use_code(
    data: &Value,
    code: &str,
    shape: TotpShape,
    tolerance: u8,
    now: DateTime<Utc>,
) -> Option<Value> {
    step::after(data, totp_step(data, &folded(code), shape, tolerance, now)?)
}

/// The time step of a code, for the column `data` of a row of type `totp`.
#[must_use]
pub fn totp_step(
    data: &Value,
    code: &str,
    shape: TotpShape,
    tolerance: u8,
    now: DateTime<Utc>,
) -> Option<u64> {
    let secret = TotpSecret::parse(data.get("secret")?.as_str()?)?;
    secret.matching_step(&bare(code)?, shape, tolerance, now)
}

/// How many recovery codes there are and how long they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecoveryShape {
    count: u32,
    digits: u32,
}

impl RecoveryShape {
    /// `MFA_RECOVERY_CODE_COUNT` codes, up to 63, of `MFA_RECOVERY_CODE_DIGITS` digits, 2 to 38.
    #[must_use]
    pub fn new(count: u32, digits: u32) -> Option<Self> {
        (count <= MOST_CODES && (2..=38).contains(&digits)).then_some(Self { count, digits })
    }
}

impl Default for RecoveryShape {
    /// Ten codes of eight digits.
    fn default() -> Self {
        Self { count: 10, digits: 8 }
    }
}

/// All recovery codes of a column `data`: derived from its seed, or the list that was migrated
/// from another package.
pub fn recovery_codes(data: &Value, shape: RecoveryShape) -> Vec<String> {
    if let Some(migrated) = data.get(MIGRATED) {
        let codes = migrated.as_array().into_iter().flatten();
        return codes.filter_map(Value::as_str).map(str::to_owned).collect();
    }
    data.get(SEED).and_then(Value::as_str).map(|seed| derive(seed, shape)).unwrap_or_default()
}

/// The recovery codes that can still be used.
#[must_use]
pub fn unused_recovery_codes(data: &Value, shape: RecoveryShape) -> Vec<String> {
    let codes = recovery_codes(data, shape);
    if data.get(MIGRATED).is_some() {
        return codes;
    }
    let Some(mask) = used_mask(data) else {
        return Vec::new();
    };
    let numbered = codes.into_iter().zip(0u32..);
    numbered.filter(|(_, index)| mask >> index & 1 == 0).map(|(code, _)| code).collect()
}

/// Uses a recovery code: the column `data` from now on, or `None` if it is not one that can
/// still be used. Migrated codes are taken off their list, others are marked.
pub fn use_recovery_code(data: &Value, typed: &str, shape: RecoveryShape) -> Option<Value> {
    let usable = unused_recovery_codes(data, shape);
    // All codes are compared, so the time taken does not tell which one matched.
    let matches = |code: &&String| same_code(typed, code);
    let used = usable.iter().filter(matches).collect::<Vec<_>>().into_iter().next()?;
    let mut data = data.clone();
    let columns = data.as_object_mut()?;
    if let Some(migrated) = columns.get_mut(MIGRATED) {
        let list = migrated.as_array_mut()?;
        let place = list.iter().position(|code| code.as_str() == Some(used))?;
        list.remove(place);
        return Some(data);
    }
    let mask = columns.get(USED_MASK).map_or(Some(0), Value::as_u64)?;
    let seed = columns.get(SEED)?.as_str()?;
    let index = derive(seed, shape)
        .iter()
        .zip(0u32..)
        .find(|(code, index)| *code == used && mask >> index & 1 == 0)
        .map(|(_, index)| index)?;
    columns.insert(USED_MASK.to_owned(), Value::from(mask | 1 << index));
    Some(data)
}

fn used_mask(data: &Value) -> Option<u64> {
    data.get(USED_MASK).map_or(Some(0), Value::as_u64)
}

/// One HMAC-SHA-1, keyed with the seed's own characters, is fed the numbers of the codes one
/// after the other; each code is taken from what it says so far.
fn derive(seed: &str, shape: RecoveryShape) -> Vec<String> {
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(seed.as_bytes()) else {
        return Vec::new();
    };
    let (bytes, width) = (shape.digits as usize / 2, shape.digits as usize);
    let mut codes = Vec::new();
    for index in 0..shape.count {
        mac.update(format!("{index:3},").as_bytes());
        let digest = mac.clone().finalize().into_bytes();
        let number = digest.iter().take(bytes).fold(0u128, |n, b| n << 8 | u128::from(*b));
        codes.push(number % 10u128.pow(shape.digits));
    }
    codes.into_iter().map(|number| format!("{number:0width$}")).collect()
}

/// What a fingerprint needs of a row of `mfa_authenticator`.
#[derive(Clone, Copy)]
pub struct TrustedFactor<'a> {
    /// The row's id.
    pub pk: i64,
    /// The column `type`.
    pub kind: &'a str,
    /// The column `data`.
    pub data: &'a Value,
}

/// What a trusted browser's trust hangs on: the user, the column `password` and all factors, in
/// the order of their ids. Any change of them ends the trust. Only the current key counts.
pub fn trust_fingerprint(
    user_id: i64,
    password_column: &str,
    factors: &[TrustedFactor<'_>],
    keys: &SecretKeys,
) -> String {
    let mut value = format!("{user_id}|{password_column}");
    for factor in factors {
        // Writing to a String cannot fail.
        let _ = write!(value, "|{}|{}", factor.pk, factor.kind);
        let seed = factor.data.get(SEED).and_then(Value::as_str);
        if let Some(seed) = seed.filter(|seed| !seed.is_empty()) {
            let _ = write!(value, "|{seed}");
        }
    }
    encoding::hex(&signing::salted_hmac(TRUST_SALT, value.as_bytes(), keys.current()))
}

/// A browser's proof that it passed the second factor once.
#[derive(Clone, PartialEq, Eq)]
pub struct Trust {
    /// The [`trust_fingerprint`] of that time.
    pub fingerprint: String,
    /// When that was, in Unix seconds.
    pub at: i64,
}

/// The value of the trust cookie. It has no time of its own.
#[must_use]
pub fn trust_cookie(trusts: &[Trust], keys: &SecretKeys) -> String {
    let pairs = trusts.iter().map(|trust| json!([trust.fingerprint, trust.at])).collect();
    Signer::new(keys, Signer::DEFAULT_SALT).sign_object(&Value::Array(pairs))
}

/// The trusts in a cookie that are younger than `max_age` seconds (`MFA_TRUST_COOKIE_AGE`); none
/// if it cannot be read.
#[must_use]
pub fn read_trust_cookie(
    cookie: &str,
    max_age: i64,
    keys: &SecretKeys,
    now: DateTime<Utc>,
) -> Vec<Trust> {
    let signer = Signer::new(keys, Signer::DEFAULT_SALT);
    let pairs: Vec<(String, i64)> = signer.unsign_object(cookie).unwrap_or_default();
    let trusts = pairs.into_iter().map(|(fingerprint, at)| Trust { fingerprint, at });
    trusts.filter(|trust| trust.at.saturating_add(max_age) > now.timestamp()).collect()
}

/// Whether one of these trusts is for this fingerprint.
#[must_use]
pub fn is_trusted(trusts: &[Trust], fingerprint: &str) -> bool {
    trusts.iter().any(|trust| signing::same(&trust.fingerprint, fingerprint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_recovery_code_works_once() {
        let shape = RecoveryShape::new(MOST_CODES, 8).unwrap();
        let mut data = json!({ SEED: "5eed".repeat(20), USED_MASK: 0 });
        data["kept"] = json!(1);
        for left in (0..MOST_CODES as usize).rev() {
            let code = unused_recovery_codes(&data, shape).remove(0);
            let (first, last) = code.split_at(4);
            data = use_recovery_code(&data, &format!(" {first}-{last}"), shape).unwrap();
            assert_eq!(unused_recovery_codes(&data, shape).len(), left);
        }
        assert_eq!((&data["kept"], &data[USED_MASK]), (&json!(1), &json!(u64::MAX >> 1)));
    }

    #[test]
    fn columns_that_cannot_be_read_have_no_codes() {
        let shape = RecoveryShape::default();
        let seed = "0".repeat(80);
        let code = recovery_codes(&json!({ "seed": seed }), shape).remove(0);
        for data in [
            json!(null),
            json!({ "seed": 1 }),
            json!({ "seed": seed, "used_mask": -1 }),
            json!({ "seed": seed, "migrated_codes": null }),
            json!({ "migrated_codes": [1, "", null] }),
        ] {
            assert_eq!(use_recovery_code(&data, &code, shape), None);
            assert_eq!(use_recovery_code(&data, "", shape), None);
        }
        assert!(RecoveryShape::new(64, 8).is_none());
        assert!(RecoveryShape::new(10, 39).is_none());
    }

    #[test]
    fn trust_ends_with_its_age_and_its_key() {
        let keys = SecretKeys::new("k", vec!["before".to_owned()]);
        let now = DateTime::from_timestamp(1_000, 0).unwrap();
        let trusts = [("old", 900), ("new", 901)]
            .map(|(fingerprint, at)| Trust { fingerprint: fingerprint.to_owned(), at });
        let read = |cookie: &str| read_trust_cookie(cookie, 100, &keys, now);
        let kept = read(&trust_cookie(&trusts, &keys));
        assert!(is_trusted(&kept, "new") && !is_trusted(&kept, "old"));
        let foreign = SecretKeys::new("other", Vec::new());
        assert!(read(&trust_cookie(&trusts, &foreign)).is_empty());
        let before = SecretKeys::new("before", Vec::new());
        let print = |keys| trust_fingerprint(1, "md5$s$h", &[], keys);
        assert_ne!(print(&keys), print(&before));
    }
}
