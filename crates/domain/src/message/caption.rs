//! Labels and help texts of fields, which OPTIONS shows.

use std::borrow::Cow;

use super::parts::{self, Part};
use crate::language::Language;

/// A label or help text of Django's. Labels begin with a small letter, as Django stores them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caption {
    /// The label of a primary key.
    Id,
    /// The label of a user name.
    Username,
    /// The label of an e-mail address.
    EmailAddress,
    /// The label of a first name.
    FirstName,
    /// The label of a last name.
    LastName,
    /// What a user name may have.
    UsernameHelp,
    /// What becomes of the cookie if a refresh token is given.
    RefreshHelp,
}

impl Caption {
    /// The text in a language.
    #[must_use]
    pub fn text(self, language: &Language) -> Cow<'static, str> {
        Cow::Borrowed(self.part().text(language))
    }

    fn part(self) -> Part {
        match self {
            Self::Id => parts::ID,
            Self::Username => parts::USERNAME,
            Self::EmailAddress => parts::EMAIL_ADDRESS,
            Self::FirstName => parts::FIRST_NAME,
            Self::LastName => parts::LAST_NAME,
            Self::UsernameHelp => parts::USERNAME_HELP,
            Self::RefreshHelp => parts::REFRESH_HELP,
        }
    }
}
