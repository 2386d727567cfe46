//! Opaque tokens, which are looked up: DRF's keys and the tokens of this server.

use std::fmt;

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::encoding;
use crate::random::{self, RandomSource};

/// A key of `authtoken_token` (DRF's `Token`), stored as it is. `Debug` hides it.
#[derive(Clone)]
pub struct TokenKey(Zeroizing<String>);

impl TokenKey {
    /// The width of the column, in characters.
    const LONGEST: usize = 40;

    /// A new key: 20 random bytes as 40 lower-case hexadecimal digits.
    #[must_use]
    pub fn generate(random: &dyn RandomSource) -> Self {
        Self(Zeroizing::new(random::hex(random, 20)))
    }

    /// A key as a client showed it. `None` if no row can have it: the column holds up to 40
    /// characters, and PostgreSQL knows no NUL. Keys that were made by hand are accepted,
    /// as DRF does.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plausible = !text.is_empty()
            && text.len() <= Self::LONGEST * 4
            && text.chars().count() <= Self::LONGEST
            && !text.contains('\0');
        plausible.then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// The key itself, for the look-up and for the answer of a login.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenKey(..)")
    }
}

/// A token of our own, of which only a digest is stored. `Debug` hides it.
///
/// The prefix lets secret scanners recognise a leaked one.
#[derive(Clone)]
pub struct OpaqueToken(Zeroizing<String>);

impl OpaqueToken {
    /// What every token begins with.
    pub const PREFIX: &'static str = "ra_";
    /// Characters after the prefix: 256 bits in unpadded base64url.
    const BODY: usize = 43;

    /// A new token of 256 random bits.
    #[must_use]
    pub fn generate(random: &dyn RandomSource) -> Self {
        let mut bytes = Zeroizing::new([0u8; 32]);
        random.fill(&mut *bytes);
        let body = Zeroizing::new(encoding::base64url(*bytes));
        Self(Zeroizing::new(format!("{}{}", Self::PREFIX, *body)))
    }

    /// A token as a client showed it. `None` if [`generate`](Self::generate) cannot have made it,
    /// which saves the look-up.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let body = text.strip_prefix(Self::PREFIX)?.as_bytes();
        let (last, others) = body.split_last()?;
        let plausible = body.len() == Self::BODY
            && others.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
            // The last character carries four bits of the token, so its two lowest are zero.
            && b"AEIMQUYcgkosw048".contains(last);
        plausible.then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// The token itself, for the answer that hands it out.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is stored and looked up: SHA-256 in lower-case hexadecimal. A slow hash would add
    /// nothing to 256 random bits, and neither would a constant-time comparison of digests.
    #[must_use]
    pub fn digest(&self) -> String {
        digest_of(&self.0)
    }
}

/// SHA-256 as lower-case hexadecimal: under what a secret of at least 128 random bits is stored.
#[must_use]
pub fn digest_of(secret: &str) -> String {
    encoding::hex(&sha256(secret))
}

/// SHA-256 of a text.
#[must_use]
pub fn sha256(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

impl fmt::Debug for OpaqueToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpaqueToken(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::OsRandom;

    struct Same(u8);

    impl RandomSource for Same {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    #[test]
    fn a_key_is_forty_hexadecimal_digits() {
        assert_eq!(TokenKey::generate(&Same(0xa1)).as_str(), "a1".repeat(20));
    }

    #[test]
    fn keys_that_no_row_can_hold_are_refused() {
        for key in ["k", &"\u{e9}".repeat(40)] {
            assert!(TokenKey::parse(key).is_some(), "{key}");
        }
        for key in ["", "a\0", &"k".repeat(41), &"k".repeat(100_000)] {
            assert!(TokenKey::parse(key).is_none(), "{} characters", key.len());
        }
    }

    #[test]
    fn a_token_is_read_back_and_has_a_fixed_digest() {
        let token = OpaqueToken::generate(&Same(0));
        assert_eq!(token.as_str(), format!("ra_{}", "A".repeat(43)));
        let digest = encoding::hex(&Sha256::digest(format!("ra_{}", "A".repeat(43))));
        assert_eq!(token.digest(), digest);
        for _ in 0..100 {
            let token = OpaqueToken::generate(&OsRandom);
            let read = OpaqueToken::parse(token.as_str()).unwrap();
            assert_eq!(read.digest(), token.digest());
        }
    }

    #[test]
    fn junk_is_told_from_tokens() {
        let body = "A".repeat(43);
        for junk in [
            String::new(),
            "ra_".to_owned(),
            body.clone(),
            format!("RA_{body}"),
            format!("ra_{body}A"),
            format!("ra_{}", &body[1..]),
            format!("ra_{}B", &body[1..]),
            format!("ra_+{}", &body[1..]),
            format!("ra_{}\u{e9}A", &body[3..]),
        ] {
            assert!(OpaqueToken::parse(&junk).is_none(), "{junk}");
        }
    }

    #[test]
    fn debug_hides_both() {
        assert_eq!(format!("{:?}", TokenKey::generate(&OsRandom)), "TokenKey(..)");
        assert_eq!(format!("{:?}", OpaqueToken::generate(&OsRandom)), "OpaqueToken(..)");
    }
}
