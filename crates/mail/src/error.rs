//! Why a mail was not delivered.

use std::error::Error;
use std::io;

use rest_auth_domain::one_line::chain;

/// The cause of an error.
pub type BoxedError = Box<dyn Error + Send + Sync>;

/// A mail was not delivered.
///
/// Its text has the whole cause for the log and the outbox, such as the answer of the mail server,
/// and no text of the mail.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The address is bad, or the mail server refused this mail permanently.
    #[error("the mail was refused: {}", chain(&**.0))]
    Refused(BoxedError),
    /// The mail server refused this mail for now, or did not answer in time.
    #[error("the mail was not taken this time: {}", chain(&**.0))]
    Deferred(BoxedError),
    /// The mail server cannot be reached or accepts no mail from this server, which an
    /// administrator has to correct.
    #[error("the mail server cannot be used now: {}", chain(&**.0))]
    Unreachable(BoxedError),
    /// The file or the standard output cannot be written.
    #[error("the mail cannot be written: {0}")]
    Unwritable(io::Error),
    /// A template of `email.template_dir` failed. The mail can be sent once it is corrected.
    #[error("a mail template failed: {}", chain(&**.0))]
    Unrenderable(BoxedError),
}

impl MailError {
    /// Whether another attempt is useless.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        matches!(self, Self::Refused(_))
    }

    /// Whether every other mail would fail in the same way now.
    #[must_use]
    pub fn concerns_all(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Unwritable(_))
    }

    pub(crate) fn deferred(cause: impl Into<BoxedError>) -> Self {
        Self::Deferred(cause.into())
    }

    pub(crate) fn refused(cause: impl Into<BoxedError>) -> Self {
        Self::Refused(cause.into())
    }

    pub(crate) fn unreachable(cause: impl Into<BoxedError>) -> Self {
        Self::Unreachable(cause.into())
    }
}
