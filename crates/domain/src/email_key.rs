//! The keys of e-mail confirmation links (allauth).
//!
//! By default a key is a signature over the id of the address and nothing is stored
//! ([`make`], [`read`]); with `ACCOUNT_EMAIL_CONFIRMATION_HMAC` off it is a random text in a row
//! ([`generate`], [`classify`]).

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use crate::random::{self, RandomSource};
use crate::signing::{SecretKeys, SignatureError, Signer};

/// `ACCOUNT_SALT`, unless the project sets another.
pub const DEFAULT_SALT: &str = "account";

const SECONDS_A_DAY: i64 = 86_400;
const STORED_KEY_LENGTH: usize = 64;

/// A signed key for the row `pk` of `account_emailaddress`.
#[must_use]
pub fn make(keys: &SecretKeys, salt: &str, pk: i64, now: DateTime<Utc>) -> String {
    Signer::new(keys, salt).dumps(&Value::from(pk), false, now)
}

/// The row that a signed key is for. It confirms only while that row exists unverified.
///
/// # Errors
/// [`SignatureError`]; a key of exactly `expire_days` days is good.
pub fn read(
    keys: &SecretKeys,
    salt: &str,
    key: &str,
    expire_days: i64,
    now: DateTime<Utc>,
) -> Result<i64, SignatureError> {
    let max_age = expire_days.saturating_mul(SECONDS_A_DAY);
    let pk = match Signer::new(keys, salt).loads(key, Some(max_age), now)? {
        Value::Number(number) => number.as_i64(),
        // A text signed by project code reads as a number, as in Django's look-up.
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    pk.ok_or(SignatureError::Bad)
}

/// A new stored key: 64 characters `a-z0-9`.
pub fn generate(random: &dyn RandomSource) -> String {
    random::text(random, random::LOWER_ALPHANUMERIC, STORED_KEY_LENGTH)
}

/// The text to look a stored key up by: links may have been upper-cased on their way.
#[must_use]
pub fn look_up(key: &str) -> String {
    key.to_lowercase()
}

/// Whether a stored key is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoredKey {
    /// It confirms the address.
    Confirms,
    /// Exactly at its limit: it is found, but nothing is verified.
    Expired,
    /// Too old, or its address is verified already: as if it did not exist.
    Unknown,
    /// Its mail never left. allauth fails here; treat it as unknown.
    NeverSent,
}

/// Classifies a stored key by its row: when its mail was `sent`, and whether its address is
/// `verified` by now.
#[must_use]
pub fn classify(
    sent: Option<DateTime<Utc>>,
    verified: bool,
    expire_days: i64,
    now: DateTime<Utc>,
) -> StoredKey {
    if verified {
        return StoredKey::Unknown;
    }
    let Some(sent) = sent else {
        return StoredKey::NeverSent;
    };
    let limit = TimeDelta::try_days(expire_days).and_then(|life| sent.checked_add_signed(life));
    match limit {
        Some(limit) if limit < now => StoredKey::Unknown,
        Some(limit) if limit == now => StoredKey::Expired,
        // A limit beyond the calendar is never reached.
        _ => StoredKey::Confirms,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::OsRandom;

    #[test]
    fn a_stored_key_survives_its_own_look_up() {
        let key = generate(&OsRandom);
        assert_eq!(key.len(), 64);
        assert_eq!(look_up(&key.to_uppercase()), key);
    }

    #[test]
    fn absurd_lifetimes_do_not_overflow() {
        let now = DateTime::UNIX_EPOCH;
        assert_eq!(classify(Some(now), false, i64::MAX, now), StoredKey::Confirms);
        let keys = SecretKeys::new("k", Vec::new());
        let key = make(&keys, DEFAULT_SALT, 7, now);
        assert_eq!(read(&keys, DEFAULT_SALT, &key, i64::MAX, now), Ok(7));
    }

    #[test]
    fn payloads_that_are_no_id_are_refused() {
        let keys = SecretKeys::new("k", Vec::new());
        let signer = Signer::new(&keys, DEFAULT_SALT);
        for payload in [Value::Null, Value::from(1.5), Value::from("x"), Value::from(u64::MAX)] {
            let key = signer.dumps(&payload, false, DateTime::UNIX_EPOCH);
            let read = read(&keys, DEFAULT_SALT, &key, 3, DateTime::UNIX_EPOCH);
            assert_eq!(read, Err(SignatureError::Bad));
        }
    }
}
