//! The rules of fields that need no database, for the crate `validator`. They run where DRF runs
//! its validators: after the rules of shape, and also on a text that broke one of those.

use std::collections::HashMap;

use rest_auth_domain::email;
use rest_auth_domain::field_errors::FieldErrors;
use rest_auth_domain::message::Message;
use validator::{ValidationError, ValidationErrors};

const INVALID_EMAIL: &str = "invalid_email";
const NO_SESSION_ID: &str = "no_session_id";

/// The length of dj-rest-auth's `session_id`.
const SESSION_ID: usize = 32;

/// An e-mail address as Django's validator knows it. Whether a text may be empty is a rule of its
/// shape.
pub(crate) fn email_address(text: &str) -> Result<(), ValidationError> {
    if text.is_empty() || email::is_valid(text) {
        return Ok(());
    }
    Err(ValidationError::new(INVALID_EMAIL))
}

/// The `session_id` of a login by passkey: 32 hexadecimal digits in lower case. Whether a text may be
/// empty is a rule of its shape.
pub(crate) fn session_id(text: &str) -> Result<(), ValidationError> {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if text.is_empty() || (text.len() == SESSION_ID && text.bytes().all(is_digit)) {
        return Ok(());
    }
    Err(ValidationError::new(NO_SESSION_ID))
}

/// Adds what the rules said, in the order of the fields. Errors of `validator` hold the refused
/// values: their codes alone are read, and nothing else of them leaves this file.
pub(super) fn report<'n>(
    found: &ValidationErrors,
    fields: impl Iterator<Item = &'n str>,
    errors: &mut FieldErrors,
) {
    let found: HashMap<_, _> = found.field_errors();
    for name in fields {
        let refused = found.get(name).into_iter().flat_map(|refused| refused.iter());
        errors.extend(name.to_owned(), refused.map(message));
    }
}

fn message(error: &ValidationError) -> Message {
    match error.code.as_ref() {
        INVALID_EMAIL => Message::InvalidEmail,
        NO_SESSION_ID => Message::PatternMismatch,
        other => {
            // A rule without a sentence is a mistake in this file; its tests cover every rule.
            tracing::error!(code = other, "a rule has no message");
            Message::NotAString
        }
    }
}
