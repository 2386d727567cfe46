//! The name of a session: the value of its cookie and the primary key of its row.

use std::fmt;

use crate::random::{self, RandomSource};
use crate::signing;

const LENGTH: usize = 32;
const SHORTEST_PLAUSIBLE: usize = 8;

/// A session key, which is a credential: `Debug` does not print it.
#[derive(Clone)]
pub struct SessionKey(String);

impl SessionKey {
    /// A new key: 32 characters `a-z0-9`.
    pub fn generate(random: &dyn RandomSource) -> Self {
        Self(random::text(random, random::LOWER_ALPHANUMERIC, LENGTH))
    }

    /// The key in a cookie. Under 8 characters it counts as absent, as in Django, and with a NUL,
    /// which quotes can put into a cookie and no database into a text. Any other text is a key that
    /// may or may not have a row.
    #[must_use]
    pub fn from_cookie(value: &str) -> Option<Self> {
        let is_plausible = value.chars().count() >= SHORTEST_PLAUSIBLE && !value.contains('\0');
        is_plausible.then(|| Self(value.to_owned()))
    }

    /// The key as the cookie and the row hold it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// In constant time: a key is as good as a password.
impl PartialEq for SessionKey {
    fn eq(&self, other: &Self) -> bool {
        signing::same(&self.0, &other.0)
    }
}

impl Eq for SessionKey {}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::OsRandom;

    #[test]
    fn a_cookie_that_no_row_can_have_holds_no_key() {
        for value in ["", "1234567", "12345678\0", "\0\0\0\0\0\0\0\0"] {
            assert_eq!(SessionKey::from_cookie(value), None, "{value:?}");
        }
        assert!(SessionKey::from_cookie("ääääääää").is_some());
    }

    #[test]
    fn new_keys_look_like_djangos_and_do_not_print() {
        let key = SessionKey::generate(&OsRandom);
        assert_eq!(key.as_str().len(), 32);
        assert!(key.as_str().bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
        assert_eq!(format!("{key:?}"), "SessionKey(..)");
    }
}
