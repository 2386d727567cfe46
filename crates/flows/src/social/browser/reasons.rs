//! The words by which a front end is told why a login failed.

use std::error::Error;

use rest_auth_domain::message::Message;
use rest_auth_domain::one_line::chain;

use super::ReturnResult;
use crate::error::AuthError;

/// What the front end is told of the end of a login.
pub(super) fn told(done: Result<ReturnResult, AuthError>) -> ReturnResult {
    done.unwrap_or_else(|error| ReturnResult::Failed(reason(&error)))
}

/// The word by which the front end is told of an error. What the user can do nothing about is logged.
pub(super) fn reason(error: &AuthError) -> &'static str {
    match error {
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
        AuthError::Unavailable(cause) => {
            log(&**cause);
            "busy"
        }
        AuthError::Internal(cause) => {
            log(&**cause);
            "login_failed"
        }
    }
}

/// Logs an error once, with all its causes, as where an answer tells of it.
fn log(cause: &(dyn Error + 'static)) {
    tracing::error!(error = %chain(cause), "request failed");
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
