//! The names of what a password can resemble.

use std::fmt;

use super::parts::{self, Part};
use crate::password::UserAttribute;

impl UserAttribute {
    /// What Django calls the attribute in sentences.
    pub(super) const fn part(self) -> Part {
        match self {
            Self::Username => parts::USERNAME,
            Self::FirstName => parts::FIRST_NAME,
            Self::LastName => parts::LAST_NAME,
            Self::Email => parts::EMAIL_ADDRESS,
        }
    }
}

impl fmt::Display for UserAttribute {
    /// The name in English sentences.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.part().english)
    }
}
