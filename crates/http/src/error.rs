//! The answers to errors: bodies, statuses and headers as DRF has them.

use std::time::Duration;

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use rest_auth_domain::field_errors::FieldErrors;
use rest_auth_domain::message::Message;
use rest_auth_domain::one_line::chain;
use rest_auth_flows::error::{AuthError, Refusal};

use crate::reply::{Body, Reply};

/// The reason for an error answer.
#[derive(Debug)]
pub(crate) enum ApiError {
    /// An error of a flow.
    Flow(AuthError),
    /// The body cannot be read: 400.
    Malformed(Message),
    /// The body is of a type that is not understood: 415.
    UnsupportedMediaType(String),
    /// No renderer has an acceptable type: 406.
    NotAcceptable,
    /// The endpoint does not know the method: 405.
    MethodNotAllowed(String),
    /// The body is larger, or has more fields, than allowed: 400 as a page, as Django does.
    TooLarge,
}

impl ApiError {
    pub(crate) fn not_found() -> Self {
        Self::Flow(AuthError::NotFound)
    }

    pub(crate) fn forbidden(message: Message) -> Self {
        Self::Flow(AuthError::Forbidden(message))
    }

    /// The answer. `challenge` is the `WWW-Authenticate` value of the first authenticator;
    /// without one an unauthenticated request is answered 403, as DRF does.
    pub(crate) fn into_reply(self, challenge: Option<&HeaderValue>) -> Reply {
        match self {
            Self::Flow(error) => flow_reply(error, challenge),
            Self::Malformed(message) => Reply::detail(StatusCode::BAD_REQUEST, message),
            Self::UnsupportedMediaType(media_type) => Reply::detail(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                Message::UnsupportedMediaType { media_type },
            ),
            Self::NotAcceptable => {
                Reply::detail(StatusCode::NOT_ACCEPTABLE, Message::NotAcceptable)
            }
            Self::MethodNotAllowed(method) => {
                Reply::detail(StatusCode::METHOD_NOT_ALLOWED, Message::MethodNotAllowed { method })
            }
            Self::TooLarge => Reply::new(StatusCode::BAD_REQUEST, Body::Page),
        }
    }
}

impl From<AuthError> for ApiError {
    fn from(error: AuthError) -> Self {
        Self::Flow(error)
    }
}

impl From<FieldErrors> for ApiError {
    fn from(errors: FieldErrors) -> Self {
        Self::Flow(AuthError::Invalid(errors))
    }
}

fn flow_reply(error: AuthError, challenge: Option<&HeaderValue>) -> Reply {
    match error {
        AuthError::Invalid(errors) => Reply::new(StatusCode::BAD_REQUEST, Body::Errors(errors)),
        AuthError::Unauthenticated(refusal) => refusal_reply(refusal, challenge),
        AuthError::Forbidden(message) => Reply::detail(StatusCode::FORBIDDEN, message),
        AuthError::ReauthenticationRequired { methods, max_age } => {
            Reply::new(StatusCode::FORBIDDEN, Body::Reauthentication { methods, max_age })
        }
        AuthError::NotFound => Reply::detail(StatusCode::NOT_FOUND, Message::NotFound),
        AuthError::Unknown(message) => Reply::detail(StatusCode::NOT_FOUND, message),
        AuthError::Throttled { retry_in } => {
            // DRF rounds the header down, so that a client which waits for it comes too early.
            let seconds = rounded_up(retry_in);
            Reply::detail(StatusCode::TOO_MANY_REQUESTS, Message::Throttled { seconds })
                .header(RETRY_AFTER, HeaderValue::from(seconds))
        }
        AuthError::Overloaded { retry_in } => {
            Reply::detail(StatusCode::SERVICE_UNAVAILABLE, Message::Overloaded)
                .header(RETRY_AFTER, HeaderValue::from(rounded_up(retry_in)))
        }
        AuthError::Provider(cause) => {
            tracing::warn!(event = "provider_unavailable", %cause, "social login failed");
            Reply::detail(StatusCode::BAD_GATEWAY, Message::ProviderUnavailable)
        }
        AuthError::Unavailable(cause) => {
            log(&*cause);
            Reply::detail(StatusCode::SERVICE_UNAVAILABLE, Message::Overloaded)
                .header(RETRY_AFTER, HeaderValue::from(5u64))
        }
        AuthError::Internal(cause) => {
            log(&*cause);
            Reply::detail(StatusCode::INTERNAL_SERVER_ERROR, Message::ServerError)
        }
    }
}

fn refusal_reply(refusal: Refusal, challenge: Option<&HeaderValue>) -> Reply {
    let reply = match challenge {
        Some(_) => Reply::new(StatusCode::UNAUTHORIZED, Body::Refusal(refusal)),
        None => Reply::new(StatusCode::FORBIDDEN, Body::Refusal(refusal)),
    };
    match challenge {
        Some(challenge) => reply.header(axum::http::header::WWW_AUTHENTICATE, challenge.clone()),
        None => reply,
    }
}

/// Whole seconds, rounded up, so that a request after this time is served, and at least one.
fn rounded_up(time: Duration) -> u64 {
    (time.as_secs() + u64::from(time.subsec_nanos() > 0)).max(1)
}

/// Logs an internal error once, with all its causes. Clients do not see them.
fn log(cause: &(dyn std::error::Error + 'static)) {
    tracing::error!(error = %chain(cause), "request failed");
}
