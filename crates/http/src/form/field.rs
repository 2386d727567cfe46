//! One field of a form: the values that a request may send, and its description in OPTIONS.

use std::borrow::Cow;

use rest_auth_domain::char_field::{CharField, Presence};
use rest_auth_domain::extra_field::FieldType;
use rest_auth_domain::language::Language;
use rest_auth_domain::message::{Caption, Message};
use rest_auth_flows::settings::ExtraField;
use rest_auth_flows::user_fields;
use serde_json::Value;

use super::json as nested;
use super::kind::FieldKind;

/// The fields of one endpoint, in the order in which errors are told.
#[derive(Clone, Debug)]
pub(crate) struct Form(pub(crate) Vec<FormField>);

/// One field.
#[derive(Clone, Debug)]
pub(crate) struct FormField {
    /// Its name in requests.
    pub(crate) name: Cow<'static, str>,
    /// The type of its values.
    pub(crate) kind: FieldKind,
    /// Whether it is shown in answers and ignored in requests.
    pub(crate) read_only: bool,
    /// Whether the configuration adds it. Answers show null for users who were made before.
    pub(crate) is_extra: bool,
    /// The only truth value that changes anything, for the OpenAPI document.
    pub(crate) only: Option<bool>,
    /// The help text.
    pub(crate) help_text: Option<HelpText>,
    /// Whether it may be missing, null or blank, and how long it may be.
    pub(crate) rule: CharField,
    label: Option<Caption>,
    is_offered: bool,
    refused: Refused,
}

/// What becomes of a text that breaks a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refused {
    /// It is left out.
    Dropped,
    /// It is handed on beside what is wrong with it, because other rules are checked too.
    Kept,
}

/// A sentence about a field for people.
#[derive(Clone, Copy, Debug)]
pub(crate) enum HelpText {
    /// In English only.
    Plain(&'static str),
    /// In the language of the request.
    Translated(Caption),
}

impl HelpText {
    /// The sentence.
    pub(crate) fn text(self, language: &Language) -> Cow<'static, str> {
        match self {
            Self::Plain(text) => Cow::Borrowed(text),
            Self::Translated(caption) => caption.text(language),
        }
    }
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
        kind: FieldKind::Text,
        read_only: false,
        is_extra: false,
        only: None,
        help_text: None,
        rule: CharField::required(),
        label: None,
        is_offered: true,
        refused: Refused::Dropped,
    }
}

/// A required e-mail address. The struct of the form has to name the rule of its format,
/// [`email_address`](super::rules::email_address).
pub(crate) fn email() -> FormField {
    FormField { kind: FieldKind::Email, rule: CharField::required().email(), ..text() }
}

/// A truth value, which may be left out.
pub(crate) fn boolean() -> FormField {
    FormField { kind: FieldKind::Boolean, ..text() }.optional()
}

/// A required value of nested JSON.
pub(crate) fn json() -> FormField {
    FormField { kind: FieldKind::Json, ..text() }
}

/// A field that is shown in answers and ignored in requests.
pub(crate) fn read_only(kind: FieldKind) -> FormField {
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
        self.help_text = Some(HelpText::Plain(text));
        self
    }

    /// With a sentence of Django's for people.
    pub(crate) fn translated_help(mut self, text: Caption) -> Self {
        self.help_text = Some(HelpText::Translated(text));
        self
    }

    /// With Django's label in place of the one that the name gives.
    pub(crate) fn label(mut self, label: Caption) -> Self {
        self.label = Some(label);
        self
    }

    /// A text that breaks a rule is handed on all the same, beside what is wrong with it.
    pub(crate) fn kept(mut self) -> Self {
        self.refused = Refused::Kept;
        self
    }

    /// Whether a text that breaks a rule is handed on.
    pub(super) fn is_kept(&self) -> bool {
        self.refused == Refused::Kept
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
    pub(crate) fn shown_label(&self, language: &Language) -> Cow<'static, str> {
        match self.label {
            Some(caption) => Cow::Owned(capitalized(&caption.text(language))),
            None => Cow::Owned(capitalized(&self.name.replace('_', " "))),
        }
    }

    /// Reads the value of a request, and checks whether it may be missing, null or blank, its type
    /// and its length.
    pub(super) fn read(&self, given: Presence<'_>) -> Read {
        let kind = match self.kind {
            FieldKind::Text | FieldKind::Email => FieldType::Text,
            FieldKind::Integer => FieldType::Integer,
            FieldKind::Boolean => FieldType::Boolean,
            FieldKind::Date => FieldType::Date,
            // A list is never read.
            FieldKind::List => return Read::default(),
            FieldKind::Json => return self.read_json(given),
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
        let read = match nested::read(given) {
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

/// A text that begins with a capital, as Django's `capfirst` makes it: `home town` is "Home town".
fn capitalized(text: &str) -> String {
    let mut rest = text.chars();
    match rest.next() {
        Some(first) => first.to_uppercase().chain(rest).collect(),
        None => String::new(),
    }
}
