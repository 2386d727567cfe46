//! Who sent a request.

use rest_auth_flows::User;

/// The sender of a request, and the credentials that were accepted.
#[derive(Debug, Default)]
pub(crate) struct Caller {
    /// The user, if one is logged in.
    pub(crate) user: Option<User>,
    /// The credentials that were accepted.
    pub(crate) shown: ShownCredential,
}

/// The credentials of a request.
#[derive(Debug, Default)]
pub(crate) enum ShownCredential {
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
            ShownCredential::Token(token) => Some(token),
            ShownCredential::Nothing
            | ShownCredential::Session
            | ShownCredential::Access(_)
            | ShownCredential::Password => None,
        }
    }

    /// The access token that was accepted.
    pub(crate) fn access(&self) -> Option<&[u8]> {
        match &self.shown {
            ShownCredential::Access(token) => Some(token),
            ShownCredential::Nothing
            | ShownCredential::Session
            | ShownCredential::Token(_)
            | ShownCredential::Password => None,
        }
    }
}
