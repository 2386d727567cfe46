//! The CSRF secret of a browser and the tokens made of it.

use std::fmt;

use crate::random::{self, ALPHANUMERIC, RandomSource};
use crate::signing;

const LENGTH: usize = 32;

/// Why a text is neither a secret nor a masked one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenFormat {
    /// Neither 32 nor 64 characters.
    #[error("has incorrect length")]
    Length,
    /// Something else than ASCII letters and digits.
    #[error("has invalid characters")]
    Characters,
}

/// A CSRF secret: 32 ASCII letters and digits. `Debug` does not print it.
#[derive(Clone)]
pub struct CsrfSecret(String);

impl CsrfSecret {
    /// A new secret.
    pub fn generate(random: &dyn RandomSource) -> Self {
        Self(random::text(random, ALPHANUMERIC, LENGTH))
    }

    /// Reads a secret, plain or masked: cookies of Django before 4 are masked, and tokens in
    /// requests may be either.
    ///
    /// # Errors
    /// [`TokenFormat`].
    pub fn parse(token: &str) -> Result<Self, TokenFormat> {
        // Django counts characters, and looks at the length first.
        let length = token.chars().count();
        if length != LENGTH && length != 2 * LENGTH {
            return Err(TokenFormat::Length);
        }
        if !token.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(TokenFormat::Characters);
        }
        if length == LENGTH {
            return Ok(Self(token.to_owned()));
        }
        let (mask, cipher) = token.split_at(LENGTH);
        Ok(Self(combine(cipher, mask, |cipher, mask| cipher + ALPHANUMERIC.len() - mask)))
    }

    /// The secret as the cookie or the session holds it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A token for a page: different every time, so that compression reveals nothing of it.
    pub fn masked(&self, random: &dyn RandomSource) -> String {
        self.masked_with(&Self::generate(random))
    }

    /// The token that a given mask makes.
    #[must_use]
    pub fn masked_with(&self, mask: &Self) -> String {
        let cipher = combine(&self.0, &mask.0, |secret, mask| secret + mask);
        format!("{}{cipher}", mask.0)
    }

    /// Whether both are the same, in constant time.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        signing::same(&self.0, &other.0)
    }
}

impl fmt::Debug for CsrfSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CsrfSecret(..)")
    }
}

/// Combines two texts of letters and digits place by place, counting modulo 62.
fn combine(left: &str, right: &str, operation: impl Fn(usize, usize) -> usize) -> String {
    left.bytes()
        .zip(right.bytes())
        .map(|(left, right)| operation(index(left), index(right)) % ALPHANUMERIC.len())
        .map(|index| char::from(ALPHANUMERIC[index]))
        .collect()
}

/// The place of a letter or digit in [`ALPHANUMERIC`].
fn index(byte: u8) -> usize {
    usize::from(match byte {
        b'a'..=b'z' => byte - b'a',
        b'A'..=b'Z' => byte - b'A' + 26,
        _ => byte.saturating_sub(b'0') + 52,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::OsRandom;

    #[test]
    fn masking_changes_the_text_and_keeps_the_secret() {
        let secret = CsrfSecret::generate(&OsRandom);
        let (one, other) = (secret.masked(&OsRandom), secret.masked(&OsRandom));
        assert_ne!(one, other);
        assert!(CsrfSecret::parse(&one).unwrap().matches(&secret));
        assert!(CsrfSecret::parse(&other).unwrap().matches(&secret));
        assert!(!CsrfSecret::generate(&OsRandom).matches(&secret));
        assert_eq!(format!("{secret:?}"), "CsrfSecret(..)");
    }

    #[test]
    fn characters_are_counted_not_bytes() {
        assert_eq!(CsrfSecret::parse(&"é".repeat(32)).unwrap_err(), TokenFormat::Characters);
        assert_eq!(CsrfSecret::parse(&"é".repeat(16)).unwrap_err(), TokenFormat::Length);
    }

    #[test]
    fn every_character_knows_its_place() {
        for (place, byte) in ALPHANUMERIC.iter().enumerate() {
            assert_eq!(index(*byte), place);
        }
    }
}
