//! Errors of the fields of a request.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::language::Language;
use crate::message::Message;

/// The internal name of errors that concern the whole form; it is also DRF's default in answers.
pub const NON_FIELD_ERRORS: &str = "non_field_errors";

/// The body of a 400: fields in the order in which they first erred, each with its messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldErrors {
    fields: Vec<(Cow<'static, str>, Vec<Message>)>,
}

impl FieldErrors {
    /// No errors.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One error of one field.
    #[must_use]
    pub fn of(field: impl Into<Cow<'static, str>>, message: Message) -> Self {
        Self { fields: vec![(field.into(), vec![message])] }
    }

    /// One error of the whole form.
    #[must_use]
    pub fn form(message: Message) -> Self {
        Self::of(NON_FIELD_ERRORS, message)
    }

    /// Adds an error to a field, after those that it has.
    pub fn push(&mut self, field: impl Into<Cow<'static, str>>, message: Message) {
        let field = field.into();
        match self.fields.iter_mut().find(|(name, _)| *name == field) {
            Some((_, messages)) => messages.push(message),
            None => self.fields.push((field, vec![message])),
        }
    }

    /// Adds several errors to a field; none changes nothing.
    pub fn extend(
        &mut self,
        field: impl Into<Cow<'static, str>>,
        messages: impl IntoIterator<Item = Message>,
    ) {
        let field = field.into();
        for message in messages {
            self.push(field.clone(), message);
        }
    }

    /// Takes the errors of a field out.
    pub fn take(&mut self, field: &str) -> Vec<Message> {
        match self.fields.iter().position(|(name, _)| name == field) {
            Some(at) => self.fields.remove(at).1,
            None => Vec::new(),
        }
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Whether this field has an error already, so that its own rules need not run.
    #[must_use]
    pub fn has(&self, field: &str) -> bool {
        self.fields.iter().any(|(name, _)| *name == field)
    }

    /// The fields in order, each with its messages.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[Message])> {
        self.fields.iter().map(|(name, messages)| (name.as_ref(), messages.as_slice()))
    }

    /// The same errors with the fields in this order; fields that it does not name come last.
    #[must_use]
    pub fn in_order_of(mut self, order: &[&str]) -> Self {
        let place = |name: &str| order.iter().position(|known| *known == name);
        self.fields.sort_by_key(|(name, _)| place(name).unwrap_or(order.len()));
        self
    }

    /// `Ok` if nothing is wrong.
    ///
    /// # Errors
    ///
    /// These errors, if there are any.
    pub fn into_result(self) -> Result<(), Self> {
        if self.is_empty() { Ok(()) } else { Err(self) }
    }

    /// The body in this language: an object of lists of sentences. `form_key` is the key of errors
    /// that concern the whole form, DRF's `NON_FIELD_ERRORS_KEY`.
    #[must_use]
    pub fn to_json(&self, language: &Language, form_key: &str) -> Value {
        let entry = |(name, messages): (&str, &[Message])| {
            let name = if name == NON_FIELD_ERRORS { form_key } else { name };
            let texts = messages.iter().map(|message| Value::from(message.text(language)));
            (name.to_owned(), Value::Array(texts.collect()))
        };
        Value::Object(self.iter().map(entry).collect::<Map<_, _>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::ENGLISH;

    #[test]
    fn fields_keep_the_order_in_which_they_first_erred() {
        let mut errors = FieldErrors::new();
        errors.push("username", Message::Required);
        errors.push("email", Message::MaxLength { max_length: 320 });
        errors.push(NON_FIELD_ERRORS, Message::BadCredentials);
        errors.push("email", Message::InvalidEmail);
        assert_eq!(
            errors.to_json(&ENGLISH, "non_field_errors").to_string(),
            concat!(
                r#"{"username":["This field is required."],"#,
                r#""email":["Ensure this field has no more than 320 characters.","#,
                r#""Enter a valid email address."],"#,
                r#""non_field_errors":["Unable to log in with provided credentials."]}"#
            )
        );
        assert!(errors.has("email"));
        assert!(!errors.has("password"));
        assert_eq!(errors.take("username"), [Message::Required]);
        assert_eq!(errors.take("username"), []);
        assert_eq!(
            errors.iter().map(|(name, _)| name).collect::<Vec<_>>(),
            ["email", NON_FIELD_ERRORS]
        );
    }

    #[test]
    fn nothing_wrong_is_ok() {
        let mut errors = FieldErrors::new();
        errors.extend("password", []);
        assert!(errors.is_empty());
        assert_eq!(errors.into_result(), Ok(()));
        let wrong = FieldErrors::form(Message::BadCredentials);
        assert_eq!(wrong.clone().into_result(), Err(wrong));
    }
}
