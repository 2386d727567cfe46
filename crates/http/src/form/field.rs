//! One field of a form: the values that a request may send, and its description in OPTIONS.

use std::borrow::Cow;

use rest_auth_domain::char_field::{CharField, Presence};
use rest_auth_domain::extra_field::FieldType;
use rest_auth_domain::message::Message;
use rest_auth_flows::settings::ExtraField;
use rest_auth_flows::user_fields;
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::Value;

use super::json;
use super::kind::Kind;

/// The fields of one endpoint, in the order in which errors are told.
#[derive(Clone, Debug)]
pub(crate) struct Form(pub(crate) Vec<FormField>);

/// One field.
#[derive(Clone, Debug)]
pub(crate) struct FormField {
    /// Its name in requests.
    pub(crate) name: Cow<'static, str>,
    /// The type of its values.
    pub(crate) kind: Kind,
    /// Whether it is shown in answers and ignored in requests.
    pub(crate) read_only: bool,
    /// Whether the configuration adds it. Answers show null for users who were made before.
    pub(crate) is_extra: bool,
    /// The only truth value that changes anything, for the OpenAPI document.
    pub(crate) only: Option<bool>,
    /// The help text.
    pub(crate) help_text: Option<&'static str>,
    /// Whether it may be missing, null or blank, and how long it may be.
    pub(crate) rule: CharField,
    label: Option<&'static str>,
    is_offered: bool,
}

/// The result of reading one field.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// The value. A text that breaks a rule is kept, because the following rules are checked too.
    pub(super) value: Option<Said>,
    /// What is wrong with it.
    pub(super) problems: Vec<Message>,
}

/// The value of a field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Said {
    /// Null, where the field may be.
    Null,
    /// A text, or a value of another flat type as it is kept: `17`, `true`, `2026-02-03`.
    Text(String),
    /// Nested JSON.
    Json(Value),
}

/// A required text with blanks cut off and no limits. `form!` gives it its name.
pub(crate) fn text() -> FormField {
    FormField {
        name: Cow::Borrowed(""),
        kind: Kind::Text,
        read_only: false,
        is_extra: false,
        only: None,
        help_text: None,
        rule: CharField::required(),
        label: None,
        is_offered: true,
    }
}

/// A required e-mail address. The struct of the form has to name the rule of its format,
/// [`email_address`](super::rules::email_address).
pub(crate) fn email() -> FormField {
    FormField { kind: Kind::Email, rule: CharField::required().email(), ..text() }
}

/// A truth value, which may be left out.
pub(crate) fn boolean() -> FormField {
    FormField { kind: Kind::Boolean, ..text() }.optional()
}

/// A required value of nested JSON.
#[cfg_attr(not(test), expect(dead_code, reason = "no endpoint takes nested JSON so far"))]
pub(crate) fn json() -> FormField {
    FormField { kind: Kind::Json, ..text() }
}

/// A field that is shown in answers and ignored in requests.
pub(crate) fn read_only(kind: Kind) -> FormField {
    FormField { kind, read_only: true, ..text() }.optional()
}

/// The fields that the configuration adds to users.
pub(crate) fn extra<'f>(fields: impl IntoIterator<Item = &'f ExtraField>) -> Vec<FormField> {
    let declared = |field: &ExtraField| {
        FormField {
            kind: field.kind.into(),
            read_only: field.read_only,
            is_extra: true,
            rule: user_fields::rule(field),
            ..text()
        }
        .named(field.name.clone())
    };
    fields.into_iter().map(declared).collect()
}

impl FormField {
    /// May be left out.
    pub(crate) fn optional(self) -> Self {
        self.required(false)
    }

    /// Must be there, or may be left out.
    pub(crate) fn required(mut self, required: bool) -> Self {
        self.rule.required = required;
        self
    }

    /// May be empty.
    pub(crate) fn blankable(mut self) -> Self {
        self.rule.allow_blank = true;
        self
    }

    /// At most so many characters.
    pub(crate) fn at_most(mut self, characters: usize) -> Self {
        self.rule.max_length = Some(characters);
        self
    }

    /// At least so many characters.
    pub(crate) fn at_least(mut self, characters: usize) -> Self {
        self.rule.min_length = Some(characters);
        self
    }

    /// With a sentence for people.
    pub(crate) fn help(mut self, text: &'static str) -> Self {
        self.help_text = Some(text);
        self
    }

    /// With this label in place of the one that the name gives.
    pub(crate) fn label(mut self, label: &'static str) -> Self {
        self.label = Some(label);
        self
    }

    /// Clients send this value only; the other one changes nothing.
    pub(crate) fn only(mut self, flag: bool) -> Self {
        self.only = Some(flag);
        self
    }

    /// Part of the form only if the configuration offers it.
    pub(crate) fn offered(mut self, is_offered: bool) -> Self {
        self.is_offered = is_offered;
        self
    }

    /// Whether it is part of the form.
    pub(super) fn is_offered(&self) -> bool {
        self.is_offered
    }

    /// With its name.
    pub(super) fn named(self, name: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// The label: its own, or the one that DRF makes of its name.
    pub(crate) fn shown_label(&self) -> Cow<'static, str> {
        self.label.map_or_else(|| Cow::Owned(label(&self.name)), Cow::Borrowed)
    }

    /// Reads the value of a request, and checks whether it may be missing, null or blank, its type
    /// and its length.
    pub(super) fn read(&self, given: Presence<'_>) -> Read {
        let kind = match self.kind {
            Kind::Text | Kind::Email => FieldType::Text,
            Kind::Integer => FieldType::Integer,
            Kind::Boolean => FieldType::Boolean,
            Kind::Date => FieldType::Date,
            Kind::Json => return self.read_json(given),
        };
        match kind.check(&self.rule, given) {
            Ok(Some(value)) => Read { value: Some(Said::Text(value)), problems: Vec::new() },
            // An empty input of an HTML form arrives here, too.
            Ok(None) => {
                Read { value: self.rule.allow_null.then_some(Said::Null), problems: Vec::new() }
            }
            Err(problems) => {
                let text = if kind == FieldType::Text { self.rule.text(given) } else { None };
                let problems = problems.into_iter().map(Message::from).collect();
                Read { value: text.map(Said::Text), problems }
            }
        }
    }

    fn read_json(&self, given: Presence<'_>) -> Read {
        let read = match json::read(given) {
            _ if matches!(given, Presence::Missing) => Err(Message::Required),
            Ok(Value::Null) if !self.rule.allow_null => Err(Message::Null),
            Ok(Value::Null) => Ok(Said::Null),
            Ok(value) => Ok(Said::Json(value)),
            Err(problem) => Err(problem),
        };
        match read {
            Ok(value) => Read { value: Some(value), problems: Vec::new() },
            Err(problem) => Read { value: None, problems: vec![problem] },
        }
    }
}

impl Form {
    /// The fields that requests may set.
    pub(crate) fn writable(&self) -> impl Iterator<Item = &FormField> {
        self.0.iter().filter(|field| !field.read_only)
    }
}

/// The `actions` entry of OPTIONS: each field by its name.
impl Serialize for Form {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|field| (&field.name, field)))
    }
}

/// The entry of OPTIONS, in the order of DRF's metadata.
impl Serialize for FormField {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut entry = serializer.serialize_map(None)?;
        entry.serialize_entry("type", self.kind.name())?;
        entry.serialize_entry("required", &self.rule.required)?;
        entry.serialize_entry("read_only", &self.read_only)?;
        entry.serialize_entry("label", &self.shown_label())?;
        if let Some(text) = self.help_text {
            entry.serialize_entry("help_text", text)?;
        }
        if let Some(min) = self.rule.min_length {
            entry.serialize_entry("min_length", &min)?;
        }
        // DRF shows no limit for addresses: theirs belongs to the validator.
        if let Some(max) = self.rule.max_length.filter(|_| self.kind == Kind::Text) {
            entry.serialize_entry("max_length", &max)?;
        }
        entry.end()
    }
}

/// DRF's label of a field without one: `home_town` is "Home town".
fn label(name: &str) -> String {
    let mut label = name.replace('_', " ");
    if let Some(first) = label.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    label
}
