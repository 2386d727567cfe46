//! The words by which a front end is told why a login failed.

use rest_auth_domain::message::Message;

use super::ReturnResult;
use crate::error::AuthError;

/// What the front end is told of the end of a login.
///
/// # Errors
/// As [`reason`].
pub(super) fn told(done: Result<ReturnResult, AuthError>) -> Result<ReturnResult, AuthError> {
    match done {
        Err(error) => Ok(ReturnResult::Failed(reason(error)?)),
        done => done,
    }
}

/// The word by which the front end is told of an error.
///
/// # Errors
/// The error itself if the user can do nothing about it and it is to be logged.
pub(super) fn reason(error: AuthError) -> Result<&'static str, AuthError> {
    Ok(match &error {
        AuthError::Invalid(errors) => {
            let mut messages = errors.iter().flat_map(|(_, messages)| messages);
            messages.find_map(word).unwrap_or("login_failed")
        }
        AuthError::Forbidden(_) => "signup_closed",
        AuthError::Throttled { .. } => "too_many_attempts",
        AuthError::Provider(cause) => {
            tracing::warn!(event = "provider_unavailable", %cause, "social login failed");
            "provider_unavailable"
        }
        AuthError::Overloaded { .. } => "busy",
        AuthError::ReauthenticationRequired { .. } => "reauthentication_required",
        AuthError::Unauthenticated(_) | AuthError::NotFound | AuthError::Unknown(_) => {
            "login_failed"
        }
        AuthError::Unavailable(_) | AuthError::Internal(_) => return Err(error),
    })
}

fn word(message: &Message) -> Option<&'static str> {
    Some(match message {
        Message::EmailTaken => "email_taken",
        Message::SocialAccountTaken => "account_taken",
        Message::SocialSignupClosed => "no_account",
        Message::BadCredentials => "account_disabled",
        Message::EmailNotVerified => "email_not_verified",
        Message::Required => "email_missing",
        _ => return None,
    })
}
