//! The fields that an endpoint takes, and what a request said in them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rest_auth_domain::char_field::{CharField, FieldProblem, Presence};
use rest_auth_domain::extra_field::FieldType;
use rest_auth_domain::field_errors::FieldErrors;
use rest_auth_domain::message::Message;
use rest_auth_flows::settings::ExtraField;
use rest_auth_flows::user_fields::{self, FieldChange};
use serde_json::{Map, Value, json};

use crate::input::Input;

/// The fields of one endpoint, in the order in which errors are told.
#[derive(Clone, Debug)]
pub(crate) struct Form(pub(crate) Vec<FormField>);

/// One field.
#[derive(Clone, Debug)]
pub(crate) struct FormField {
    pub(crate) name: Cow<'static, str>,
    pub(crate) label: Cow<'static, str>,
    pub(crate) kind: Kind,
    pub(crate) read_only: bool,
    /// Whether an answer may show null, whatever a request must say.
    pub(crate) shown_null: bool,
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
    Date,
}

/// Whether fields may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Completeness {
    /// Required fields must be there.
    Full,
    /// PATCH: what is left out stays as it is.
    Partial,
}

/// What was said in the fields that were fine, and what is wrong with the others.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    /// Of a field that was null there is no text.
    values: BTreeMap<Cow<'static, str>, Option<String>>,
    /// One entry for each field that was not fine.
    pub(crate) errors: FieldErrors,
}

impl FormField {
    /// A text field with blanks cut off and no limits.
    pub(crate) fn text(
        name: impl Into<Cow<'static, str>>,
        label: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            name: name.into(),
            label: label.into(),
            kind: Kind::Text,
            read_only: false,
            shown_null: false,
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

    /// A field that the configuration adds.
    pub(crate) fn extra(field: &ExtraField) -> Self {
        let kind = match field.kind {
            FieldType::Text => Kind::Text,
            FieldType::Integer => Kind::Integer,
            FieldType::Boolean => Kind::Boolean,
            FieldType::Date => Kind::Date,
        };
        Self {
            kind,
            read_only: field.read_only,
            // Users may have been made before the field was.
            shown_null: true,
            rule: user_fields::rule(field),
            ..Self::text(field.name.clone(), label(&field.name))
        }
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

    fn check(&self, given: Presence<'_>) -> Result<Option<String>, Vec<FieldProblem>> {
        let kind = match self.kind {
            Kind::Text | Kind::Email => FieldType::Text,
            Kind::Integer => FieldType::Integer,
            Kind::Boolean => FieldType::Boolean,
            Kind::Date => FieldType::Date,
        };
        kind.check(&self.rule, given)
    }

    /// The entry of OPTIONS.
    fn metadata(&self) -> Value {
        let kind = match self.kind {
            Kind::Integer => "integer",
            Kind::Boolean => "boolean",
            Kind::Text => "string",
            Kind::Email => "email",
            Kind::Date => "date",
        };
        let mut entry = Map::new();
        entry.insert("type".into(), kind.into());
        entry.insert("required".into(), self.rule.required.into());
        entry.insert("read_only".into(), self.read_only.into());
        entry.insert("label".into(), self.label.as_ref().into());
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
            let given = fields.get(&field.name);
            let may_miss = !field.rule.required || completeness == Completeness::Partial;
            if may_miss && matches!(given, Presence::Missing) {
                continue;
            }
            match field.check(given) {
                Ok(Some(value)) => {
                    checked.values.insert(field.name.clone(), Some(value));
                }
                // Or an input that was left empty, which says nothing.
                Ok(None) if field.rule.allow_null => {
                    checked.values.insert(field.name.clone(), None);
                }
                Ok(None) => {}
                Err(problems) => {
                    let sentences = problems.into_iter().map(Message::from);
                    checked.errors.extend(field.name.clone(), sentences);
                }
            }
        }
        Ok(checked)
    }

    /// The `actions` entry of OPTIONS.
    pub(crate) fn metadata(&self) -> Value {
        let fields = self.0.iter().map(|field| (field.name.to_string(), field.metadata()));
        json!(fields.collect::<Map<_, _>>())
    }
}

impl Checked {
    /// A truth value, if it was there and fine.
    pub(crate) fn take_truth(&mut self, field: &str) -> Option<bool> {
        self.take(field).map(|text| text == "true")
    }

    /// What was said in a field, if it was there and fine.
    pub(crate) fn take(&mut self, field: &str) -> Option<String> {
        self.values.remove(field)?
    }

    /// What was said in the fields that the configuration adds.
    pub(crate) fn take_changes<'f>(
        &mut self,
        fields: impl Iterator<Item = &'f ExtraField>,
    ) -> Vec<FieldChange> {
        let change = |field: &ExtraField| {
            let value = self.values.remove(field.name.as_str())?;
            Some(FieldChange { name: field.name.clone(), value })
        };
        fields.filter_map(change).collect()
    }

    /// Ends the check if any field was not fine.
    pub(crate) fn into_valid(self) -> Result<Valid, FieldErrors> {
        self.errors.into_result()?;
        Ok(Valid(self.values))
    }
}

/// The values of a form without errors.
#[derive(Debug)]
pub(crate) struct Valid(BTreeMap<Cow<'static, str>, Option<String>>);

impl Valid {
    /// What was said in a field; empty if it was left out.
    pub(crate) fn take(&mut self, field: &str) -> String {
        self.0.remove(field).flatten().unwrap_or_default()
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
