//! The names of what a password can look like.

use std::fmt;

use super::parts::{self, Part};

/// What a validator compares a password with; `user_attributes` of Django's
/// `UserAttributeSimilarityValidator`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserAttribute {
    /// `username`.
    Username,
    /// `first_name`.
    FirstName,
    /// `last_name`.
    LastName,
    /// `email`.
    EmailAddress,
}

impl UserAttribute {
    pub(super) fn part(self) -> Part {
        match self {
            Self::Username => parts::USERNAME,
            Self::FirstName => parts::FIRST_NAME,
            Self::LastName => parts::LAST_NAME,
            Self::EmailAddress => parts::EMAIL_ADDRESS,
        }
    }
}

impl fmt::Display for UserAttribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.part().english)
    }
}
