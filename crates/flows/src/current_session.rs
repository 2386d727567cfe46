//! The session that a request came with.

use chrono::{DateTime, Utc};
use rest_auth_domain::opaque_token::digest_of;
use rest_auth_domain::session::{SessionData, SessionKey};
use rest_auth_store::DeviceSession;

/// A session that exists.
#[derive(Clone, Debug)]
pub struct OpenSession {
    /// What the cookie holds.
    pub key: SessionKey,
    /// Its entries.
    pub data: SessionData,
    /// Its row in the table of `session.storage = "digest"`.
    pub(crate) row: Option<Box<DeviceSession>>,
}

impl OpenSession {
    /// When it began, where the table says.
    pub(crate) fn began_at(&self) -> Option<DateTime<Utc>> {
        self.row.as_ref().map(|row| row.created_at)
    }

    /// What the table of `session.storage = "digest"` knows the session by.
    pub(crate) fn digest(&self) -> String {
        digest_of(self.key.as_str())
    }
}

/// The session that a request came with.
#[derive(Debug, Default)]
pub enum CurrentSession {
    /// None.
    #[default]
    None,
    /// A key that has not been looked up. A flow that needs no session never looks it up.
    Key(SessionKey),
    /// A session that was looked up already.
    Open(OpenSession),
}

impl CurrentSession {
    /// The session, if it was looked up already.
    #[must_use]
    pub fn opened(&self) -> Option<&OpenSession> {
        match self {
            Self::Open(session) => Some(session),
            Self::None | Self::Key(_) => None,
        }
    }
}
