//! The rules of fields that need no database, for the crate `validator`. They run where DRF runs
//! its validators: after the rules of shape, and also on a text that broke one of those.

use std::collections::HashMap;

use rest_auth_domain::email;
use rest_auth_domain::field_errors::FieldErrors;
use rest_auth_domain::message::Message;
use validator::{ValidationError, ValidationErrors};

const INVALID_EMAIL: &str = "invalid_email";

/// An e-mail address as Django's validator knows it. Whether a text may be empty is a rule of its
/// shape.
pub(crate) fn email_address(text: &str) -> Result<(), ValidationError> {
    if text.is_empty() || email::is_valid(text) {
        return Ok(());
    }
    Err(ValidationError::new(INVALID_EMAIL))
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
        other => {
            // A rule without a sentence is a mistake in this file; its tests cover every rule.
            tracing::error!(code = other, "a rule has no message");
            Message::NotAString
        }
    }
}
