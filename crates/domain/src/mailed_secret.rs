//! The digests of codes and links that are mailed.
//!
//! A code is so short that a reader of the database could find it by trying all codes against a
//! plain digest. The digest is therefore keyed. It also covers the password, address and epoch of
//! the account, so that a change of any of them ends the code.

use serde::Serialize;

use crate::encoding;
use crate::signing::{self, SecretKeys};

const SALT: &str = "rest_auth.mailed_secret";

/// The purpose of a mailed secret, and the values that it depends on. A change of any of them ends
/// it.
#[derive(Clone, Copy, Serialize)]
pub struct Seal<'a> {
    /// Its kind. A secret works for its own kind only.
    pub kind: &'a str,
    /// The owner's user id.
    pub user_id: i64,
    /// The epoch of its owner.
    pub epoch: i64,
    /// Where it was mailed to.
    pub address: &'a str,
    /// The stored password of its owner, for secrets that end with it.
    pub password: Option<&'a str>,
    /// The address of the account, for secrets that end with it.
    pub email: Option<&'a str>,
}

impl Seal<'_> {
    /// What is stored of a secret: HMAC-SHA-256 under the current key, in hexadecimal.
    #[must_use]
    pub fn digest(&self, keys: &SecretKeys, secret: &str) -> String {
        self.digest_by(keys.current(), secret)
    }

    /// Whether a stored digest is of this secret, under any of the keys. Takes the same time
    /// wherever they differ.
    #[must_use]
    pub fn matches(&self, keys: &SecretKeys, secret: &str, digest: &str) -> bool {
        keys.all().any(|key| signing::same(&self.digest_by(key, secret), digest))
    }

    fn digest_by(&self, key: &str, secret: &str) -> String {
        // JSON keeps its parts apart, whatever they hold.
        let value = serde_json::json!([self, secret]).to_string();
        encoding::hex(&signing::salted_hmac(SALT, value.as_bytes(), key))
    }
}

impl std::fmt::Debug for Seal<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Seal").field("kind", &self.kind).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEAL: Seal<'_> = Seal {
        kind: "code",
        user_id: 1,
        epoch: 2,
        address: "ada@example.com",
        password: Some("argon2$x"),
        email: Some("ada@example.com"),
    };

    #[test]
    fn everything_that_it_covers_changes_the_digest() {
        let keys = SecretKeys::new("k", vec!["former".to_owned()]);
        let digest = SEAL.digest(&keys, "123456");
        assert_eq!(digest.len(), 64);
        assert!(SEAL.matches(&keys, "123456", &digest));
        assert!(!SEAL.matches(&keys, "123457", &digest));
        for other in [
            Seal { kind: "link", ..SEAL },
            Seal { user_id: 2, ..SEAL },
            Seal { epoch: 3, ..SEAL },
            Seal { address: "eve@example.com", ..SEAL },
            Seal { password: None, ..SEAL },
            Seal { password: Some("argon2$y"), ..SEAL },
            Seal { email: Some(""), ..SEAL },
        ] {
            assert!(!other.matches(&keys, "123456", &digest));
        }
    }

    #[test]
    fn a_former_key_still_counts_and_a_foreign_one_does_not() {
        let former = SEAL.digest(&SecretKeys::new("former", Vec::new()), "123456");
        let keys = SecretKeys::new("k", vec!["former".to_owned()]);
        assert!(SEAL.matches(&keys, "123456", &former));
        assert!(!SEAL.matches(&SecretKeys::new("k", Vec::new()), "123456", &former));
    }

    #[test]
    fn debug_shows_no_password() {
        assert!(!format!("{SEAL:?}").contains("argon2"));
    }
}
