//! Who sent a request.

use rest_auth_flows::User;

/// The sender of a request, and the credentials that were accepted.
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
    /// No credentials that were accepted.
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

    /// The access token that was accepted.
    pub(crate) fn access(&self) -> Option<&[u8]> {
        match &self.shown {
            Shown::Access(token) => Some(token),
            Shown::Nothing | Shown::Session | Shown::Token(_) | Shown::Password => None,
        }
    }
}
