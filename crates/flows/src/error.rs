//! Errors of flows and of configurations.

use std::error::Error;
use std::time::Duration;

use rest_auth_domain::field_errors::FieldErrors;
use rest_auth_domain::message::Message;
use rest_auth_store::StoreError;

use crate::login::factor::Method;

/// The only error that HTTP sees of a flow.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// Fields of the request are not valid.
    #[error("the input is invalid")]
    Invalid(FieldErrors),
    /// The credentials are not valid, or missing.
    #[error("not authenticated: {0:?}")]
    Unauthenticated(Refusal),
    /// The user is known, but may not do this.
    #[error("forbidden: {0}")]
    Forbidden(Message),
    /// The user has to prove again who they are, with one of these methods.
    #[error("reauthentication required")]
    ReauthenticationRequired {
        /// What the user can prove.
        methods: Vec<Method>,
        /// How old a proof may be.
        max_age: Duration,
    },
    /// It does not exist, or the caller may not know that it does.
    #[error("not found")]
    NotFound,
    /// The same, in the words of a view of dj-rest-auth.
    #[error("not found: {0}")]
    Unknown(Message),
    /// Too many attempts. Another one is accepted after this time.
    #[error("throttled for {retry_in:?}")]
    Throttled {
        /// How long to wait, with the fraction of a second that the message rounds up.
        retry_in: Duration,
    },
    /// The queue for hashing is full, or another request of the user came between.
    #[error("overloaded")]
    Overloaded {
        /// When to try again.
        retry_in: Duration,
    },
    /// A provider of social login does not answer.
    #[error("the provider does not answer")]
    Provider(#[source] Box<dyn Error + Send + Sync>),
    /// Something this server needs does not answer, most likely the database.
    #[error("unavailable")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// An internal error. The cause is for the log only.
    #[error("internal error")]
    Internal(#[source] Box<dyn Error + Send + Sync>),
}

/// The answer to refused credentials.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The sentence.
    pub message: Message,
    /// Whether a machine code accompanies it, as SimpleJWT's errors have one.
    pub coded: bool,
    /// Why an access token was refused, told beside the general sentence.
    pub token_problem: Option<Message>,
}

impl AuthError {
    /// One error of one field.
    #[must_use]
    pub fn field(field: &'static str, message: Message) -> Self {
        Self::Invalid(FieldErrors::of(field, message))
    }

    /// One error of the form as a whole.
    #[must_use]
    pub fn form(message: Message) -> Self {
        Self::Invalid(FieldErrors::form(message))
    }

    /// A refusal in plain words, as DRF's own authenticators give it.
    #[must_use]
    pub fn refused(message: Message) -> Self {
        Self::Unauthenticated(Refusal { message, coded: false, token_problem: None })
    }

    /// A refusal with SimpleJWT's machine code.
    #[must_use]
    pub fn refused_with_code(message: Message) -> Self {
        Self::Unauthenticated(Refusal { message, coded: true, token_problem: None })
    }

    /// A refused access token: the general sentence, and the reason beside it.
    #[must_use]
    pub fn refused_access_token(problem: Message) -> Self {
        Self::Unauthenticated(Refusal {
            message: Message::TokenNotValidForAnyType,
            coded: true,
            token_problem: Some(problem),
        })
    }

    /// An internal error whose cause is kept for the log.
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }
}

impl From<FieldErrors> for AuthError {
    fn from(errors: FieldErrors) -> Self {
        Self::Invalid(errors)
    }
}

impl From<StoreError> for AuthError {
    /// Whose credentials ended during the request may go on by others: a session goes on under another
    /// key after a change by another tab. So they are asked to come again, which tells who they are
    /// then. A database that does not answer is a temporary fault; every other error of the store is
    /// internal.
    fn from(error: StoreError) -> Self {
        if matches!(error, StoreError::CredentialsEnded) {
            Self::Overloaded { retry_in: Duration::from_secs(1) }
        } else if error.is_unavailable() {
            Self::Unavailable(error.into())
        } else {
            Self::Internal(error.into())
        }
    }
}

/// A configuration that cannot work, found when it is prepared for use.
#[derive(Debug, thiserror::Error)]
#[error("{key}: {problem}")]
pub struct SetupError {
    /// The configuration key at fault.
    pub key: String,
    /// What is wrong with its value.
    pub problem: String,
}

impl SetupError {
    /// An error about a key.
    pub fn new(key: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { key: key.into(), problem: problem.into() }
    }
}
