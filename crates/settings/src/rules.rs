//! Rules that the sections of several crates share, by the functions of `validator`.

use validator::{ValidateEmail as _, ValidateLength as _, ValidateUrl as _};

use crate::value::ValueError;

/// A list must have a member.
///
/// # Errors
/// The message and the cure, if it has none.
pub fn not_empty<T>(list: &[T], message: &str, cure: &str) -> Result<(), ValueError> {
    if list.validate_length(Some(1), None, None) {
        return Ok(());
    }
    Err(ValueError::rule(message, cure))
}

/// A value that may be left out follows its rule where it is given.
///
/// # Errors
/// Those of the rule.
pub fn if_given(
    value: Option<&str>,
    rule: fn(&str) -> Result<(), ValueError>,
) -> Result<(), ValueError> {
    value.map_or(Ok(()), rule)
}

/// Whether a text is a URL.
#[must_use]
pub fn is_url(text: &str) -> bool {
    text.validate_url()
}

/// Whether a text is an e-mail address.
#[must_use]
pub fn is_email(text: &str) -> bool {
    text.validate_email()
}
