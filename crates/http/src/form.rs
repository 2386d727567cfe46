//! The fields that an endpoint takes, and what a request said in them.

use std::collections::BTreeMap;

use rest_auth_domain::char_field::{CharField, FieldProblem, FormText, Presence};
use rest_auth_domain::field_errors::FieldErrors;
use rest_auth_domain::json_input::JsonValue;
use rest_auth_domain::message::Message;
use serde_json::{Map, Value, json};

use crate::input::Input;

/// The fields of one endpoint, in the order in which errors are told.
#[derive(Clone, Debug)]
pub(crate) struct Form(pub(crate) Vec<FormField>);

/// One field.
#[derive(Clone, Debug)]
pub(crate) struct FormField {
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) kind: Kind,
    pub(crate) read_only: bool,
    pub(crate) help_text: Option<&'static str>,
    pub(crate) rule: CharField,
}

/// The type of a field, as OPTIONS names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Integer,
    Boolean,
    Text,
    Email,
}

/// Whether fields may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Completeness {
    /// Required fields must be there.
    Whole,
    /// PATCH: what is left out stays as it is.
    Partial,
}

/// What was said in the fields that were fine, and what is wrong with the others.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    values: BTreeMap<&'static str, String>,
    /// One entry for each field that was not fine.
    pub(crate) errors: FieldErrors,
}

impl FormField {
    /// A text field with blanks cut off and no limits.
    pub(crate) fn text(name: &'static str, label: &'static str) -> Self {
        Self {
            name,
            label,
            kind: Kind::Text,
            read_only: false,
            help_text: None,
            rule: CharField::required(),
        }
    }

    /// An e-mail address.
    pub(crate) fn email(name: &'static str, label: &'static str) -> Self {
        Self { kind: Kind::Email, rule: CharField::required().email(), ..Self::text(name, label) }
    }

    /// A truth value, which may be left out.
    pub(crate) fn boolean(name: &'static str, label: &'static str) -> Self {
        Self { kind: Kind::Boolean, ..Self::text(name, label) }.optional()
    }

    /// A field that is shown and never read.
    pub(crate) fn read_only(name: &'static str, label: &'static str, kind: Kind) -> Self {
        Self { kind, read_only: true, ..Self::text(name, label) }.optional()
    }

    pub(crate) fn optional(self) -> Self {
        self.required(false)
    }

    pub(crate) fn required(mut self, required: bool) -> Self {
        self.rule.required = required;
        self
    }

    pub(crate) fn blankable(mut self) -> Self {
        self.rule.allow_blank = true;
        self
    }

    pub(crate) fn at_most(mut self, characters: usize) -> Self {
        self.rule.max_length = Some(characters);
        self
    }

    pub(crate) fn at_least(mut self, characters: usize) -> Self {
        self.rule.min_length = Some(characters);
        self
    }

    pub(crate) fn help(mut self, text: &'static str) -> Self {
        self.help_text = Some(text);
        self
    }

    /// The entry of OPTIONS.
    fn metadata(&self) -> Value {
        let kind = match self.kind {
            Kind::Integer => "integer",
            Kind::Boolean => "boolean",
            Kind::Text => "string",
            Kind::Email => "email",
        };
        let mut entry = Map::new();
        entry.insert("type".into(), kind.into());
        entry.insert("required".into(), self.rule.required.into());
        entry.insert("read_only".into(), self.read_only.into());
        entry.insert("label".into(), self.label.into());
        if let Some(text) = self.help_text {
            entry.insert("help_text".into(), text.into());
        }
        if let Some(min) = self.rule.min_length {
            entry.insert("min_length".into(), min.into());
        }
        // DRF shows no limit for addresses: theirs belongs to the validator.
        if let Some(max) = self.rule.max_length.filter(|_| self.kind == Kind::Text) {
            entry.insert("max_length".into(), max.into());
        }
        Value::Object(entry)
    }
}

impl Form {
    /// Checks every field by itself, never stopping at the first problem.
    ///
    /// # Errors
    /// If the input is no object of fields at all.
    pub(crate) fn check(
        &self,
        input: &Input,
        completeness: Completeness,
    ) -> Result<Checked, FieldErrors> {
        let fields = match input {
            Input::Fields(fields) => fields,
            Input::Null => return Err(FieldErrors::form(Message::NoData)),
            Input::NotADictionary(datatype) => {
                return Err(FieldErrors::form(Message::NotADictionary { datatype }));
            }
        };
        let mut checked = Checked::default();
        for field in self.0.iter().filter(|field| !field.read_only) {
            let given = fields.get(field.name);
            let may_miss = !field.rule.required || completeness == Completeness::Partial;
            if may_miss && matches!(given, Presence::Missing) {
                continue;
            }
            if field.kind == Kind::Boolean {
                match truth(given) {
                    Ok(value) => drop(checked.values.insert(field.name, value.to_string())),
                    Err(problem) => checked.errors.push(field.name, problem),
                }
                continue;
            }
            match field.rule.check(given) {
                Ok(Some(value)) => {
                    checked.values.insert(field.name, value);
                }
                Ok(None) => {}
                Err(problems) => {
                    for problem in problems {
                        checked.errors.push(field.name, sentence(problem));
                    }
                }
            }
        }
        Ok(checked)
    }

    /// The `actions` entry of OPTIONS.
    pub(crate) fn metadata(&self) -> Value {
        let fields = self.0.iter().map(|field| (field.name.to_owned(), field.metadata()));
        json!(fields.collect::<Map<_, _>>())
    }
}

/// What DRF's `BooleanField` takes for true and false, where one is given.
fn truth(given: Presence<'_>) -> Result<bool, Message> {
    let text = match given {
        Presence::Json(JsonValue::Bool(value)) => return Ok(*value),
        Presence::Missing => return Err(Message::Required),
        Presence::Json(JsonValue::Null) => return Err(Message::Null),
        Presence::File => return Err(Message::NotABoolean),
        Presence::Json(value) => value.printed().and_then(|text| text.as_str().map(str::to_owned)),
        Presence::Form(FormText(text)) => Some(text.to_owned()),
    };
    match text.as_deref().map(str::trim).map(str::to_ascii_lowercase).as_deref() {
        Some("true" | "t" | "yes" | "y" | "on" | "1" | "1.0") => Ok(true),
        Some("false" | "f" | "no" | "n" | "off" | "0" | "0.0") => Ok(false),
        _ => Err(Message::NotABoolean),
    }
}

impl Checked {
    /// A truth value, if it was there and fine.
    pub(crate) fn take_truth(&mut self, field: &str) -> Option<bool> {
        self.take(field).map(|text| text == "true")
    }

    /// What was said in a field, if it was there and fine.
    pub(crate) fn take(&mut self, field: &str) -> Option<String> {
        self.values.remove(field)
    }

    /// Ends the check if any field was not fine.
    pub(crate) fn all_fine(self) -> Result<Fine, FieldErrors> {
        self.errors.into_result()?;
        Ok(Fine(self.values))
    }
}

/// The values of a form without errors.
#[derive(Debug)]
pub(crate) struct Fine(BTreeMap<&'static str, String>);

impl Fine {
    /// What was said in a field; empty if it was left out.
    pub(crate) fn take(&mut self, field: &str) -> String {
        self.0.remove(field).unwrap_or_default()
    }
}

fn sentence(problem: FieldProblem) -> Message {
    match problem {
        FieldProblem::Required => Message::Required,
        FieldProblem::Null => Message::Null,
        FieldProblem::Blank => Message::Blank,
        FieldProblem::NotAString => Message::NotAString,
        FieldProblem::MaxLength(max_length) => Message::MaxLength { max_length },
        FieldProblem::MinLength(min_length) => Message::MinLength { min_length },
        FieldProblem::NullCharacters => Message::NullCharacters,
        FieldProblem::Surrogates(code) => {
            Message::SurrogateCharacters { code_point: format!("{code:X}") }
        }
        FieldProblem::InvalidEmail => Message::InvalidEmail,
    }
}
