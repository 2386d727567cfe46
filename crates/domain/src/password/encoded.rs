//! What the column `auth_user.password` holds.

use std::fmt;

use crate::random::{self, RandomSource};

/// Starts the text of an unusable password (Django's `UNUSABLE_PASSWORD_PREFIX`).
const UNUSABLE: char = '!';
/// Random characters after it (Django's `UNUSABLE_PASSWORD_SUFFIX_LENGTH`). They make the text
/// unique, so that reset tokens, which cover this column, differ between such users.
const UNUSABLE_SUFFIX: usize = 40;

/// A stored password: algorithm, work factors, salt and hash in one text, or the mark of a user
/// who has none. Debug output hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct EncodedPassword(String);

impl EncodedPassword {
    /// Wraps what the column holds; any text is allowed, also one that nothing can match.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The stored password of a user who cannot log in with one (Django's
    /// `set_unusable_password`).
    #[must_use]
    pub fn unusable(random: &dyn RandomSource) -> Self {
        let suffix = random::text(random, random::ALPHANUMERIC, UNUSABLE_SUFFIX);
        Self(format!("{UNUSABLE}{suffix}"))
    }

    /// The text of the column.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the text is not marked as unusable (Django's `is_password_usable`). Gibberish is
    /// usable in this sense: it may be reset by mail, yet never matches.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        !self.0.starts_with(UNUSABLE)
    }
}

impl fmt::Debug for EncodedPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EncodedPassword(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::OsRandom;

    #[test]
    fn an_unusable_password_is_a_mark_and_forty_random_characters() {
        let (one, other) =
            (EncodedPassword::unusable(&OsRandom), EncodedPassword::unusable(&OsRandom));
        assert!(!one.is_usable());
        assert_eq!(one.as_str().len(), 41);
        assert_ne!(one.as_str(), other.as_str());
    }

    #[test]
    fn debug_output_hides_the_text() {
        assert_eq!(format!("{:?}", EncodedPassword::new("md5$a$b")), "EncodedPassword(..)");
    }
}
