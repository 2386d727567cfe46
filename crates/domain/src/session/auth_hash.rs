//! The hash that ties a session to the user's password: a new password ends all sessions.

use crate::encoding;
use crate::signing::{self, SecretKeys};

const SALT: &str = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash";

/// The hash for the column `password` under one secret key, in hexadecimal
/// (Django's `get_session_auth_hash`).
#[must_use]
pub fn auth_hash(password_column: &str, key: &str) -> String {
    encoding::hex(&signing::salted_hmac(SALT, password_column.as_bytes(), key))
}

/// What the hash in a session is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashVerdict {
    /// Made with the current key: the user is signed in.
    Current,
    /// Made with a fallback key: signed in, but the session needs a new key and a new hash.
    Fallback,
    /// Missing, or of another password: the session must be deleted.
    Wrong,
}

/// Judges the hash of a session against the user's column `password`.
#[must_use]
pub fn check_auth_hash(
    stored: Option<&str>,
    password_column: &str,
    keys: &SecretKeys,
) -> HashVerdict {
    let Some(stored) = stored else {
        return HashVerdict::Wrong;
    };
    let made_with = |key: &str| signing::same(stored, &auth_hash(password_column, key));
    match keys.all().position(made_with) {
        Some(0) => HashVerdict::Current,
        Some(_) => HashVerdict::Fallback,
        None => HashVerdict::Wrong,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_key_counts_as_current() {
        let keys = SecretKeys::new("k", vec!["k".to_owned(), "before".to_owned()]);
        let verdict = |key| check_auth_hash(Some(&auth_hash("md5$s$h", key)), "md5$s$h", &keys);
        assert_eq!(verdict("k"), HashVerdict::Current);
        assert_eq!(verdict("before"), HashVerdict::Fallback);
        assert_eq!(verdict("other"), HashVerdict::Wrong);
        assert_eq!(check_auth_hash(Some(""), "", &keys), HashVerdict::Wrong);
    }
}
