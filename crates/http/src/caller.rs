//! Who sent a request.

use rest_auth_flows::User;

/// Who sent a request, and which credentials say so.
#[derive(Debug, Default)]
pub(crate) struct Caller {
    /// The user, if one is logged in.
    pub(crate) user: Option<User>,
    /// The credentials that were accepted.
    pub(crate) shown: Shown,
}

/// The credentials of a request.
#[derive(Debug, Default)]
pub(crate) enum Shown {
    /// None that counted.
    #[default]
    Nothing,
    /// A session.
    Session,
    /// An API token.
    Token(String),
    /// An access token.
    Access(Vec<u8>),
    /// A name and a password.
    Password,
}

impl Caller {
    /// The API token that was accepted.
    pub(crate) fn token(&self) -> Option<&str> {
        match &self.shown {
            Shown::Token(token) => Some(token),
            Shown::Nothing | Shown::Session | Shown::Access(_) | Shown::Password => None,
        }
    }
}
