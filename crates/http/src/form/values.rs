//! The values of the fields of a request, on their way into the struct of a form.

use std::borrow::Cow;

use rest_auth_flows::user_fields::FieldChange;
use serde_json::Value;

use super::field::{FormField, Said};

/// The values, by the names of their fields.
#[derive(Debug, Default)]
pub(crate) struct Values(Vec<SaidIn>);

#[derive(Debug)]
struct SaidIn {
    name: Cow<'static, str>,
    is_extra: bool,
    said: Said,
}

/// A member of the struct of a form.
pub(crate) trait FieldValue: Default {
    /// Takes the value of the field of this name.
    fn take(name: &str, values: &mut Values) -> Self;

    /// Removes the value of a field that is wrong. `name` is the name of the member.
    fn forget(&mut self, name: &str, wrong: &str) {
        if name == wrong {
            *self = Self::default();
        }
    }
}

/// The member of a field that OPTIONS and answers show, and that requests cannot change.
#[derive(Debug, Default)]
pub(crate) struct ShownOnly;

impl Values {
    /// Stores the value of a field.
    pub(super) fn keep(&mut self, field: &FormField, said: Said) {
        self.0.push(SaidIn { name: field.name.clone(), is_extra: field.is_extra, said });
    }

    fn take(&mut self, name: &str) -> Option<Said> {
        let at = self.0.iter().position(|value| value.name == name && !value.is_extra)?;
        Some(self.0.remove(at).said)
    }
}

/// Empty if the field was left out.
impl FieldValue for String {
    fn take(name: &str, values: &mut Values) -> Self {
        <Option<Self> as FieldValue>::take(name, values).unwrap_or_default()
    }
}

impl FieldValue for Option<String> {
    fn take(name: &str, values: &mut Values) -> Self {
        match values.take(name)? {
            Said::Text(text) => Some(text),
            Said::Null | Said::Json(_) => None,
        }
    }
}

impl FieldValue for Option<bool> {
    fn take(name: &str, values: &mut Values) -> Self {
        <Option<String> as FieldValue>::take(name, values).map(|text| text == "true")
    }
}

impl FieldValue for Option<Value> {
    fn take(name: &str, values: &mut Values) -> Self {
        match values.take(name)? {
            Said::Json(value) => Some(value),
            Said::Null | Said::Text(_) => None,
        }
    }
}

impl FieldValue for ShownOnly {
    fn take(_: &str, _: &mut Values) -> Self {
        Self
    }
}

/// The fields that the configuration adds, in its order: those that were there.
impl FieldValue for Vec<FieldChange> {
    fn take(_: &str, values: &mut Values) -> Self {
        let extra = values.0.extract_if(.., |value| value.is_extra);
        extra.map(|SaidIn { name, said, .. }| change(name, said)).collect()
    }

    fn forget(&mut self, _: &str, wrong: &str) {
        self.retain(|change| change.name != wrong);
    }
}

fn change(name: Cow<'static, str>, said: Said) -> FieldChange {
    let value = match said {
        Said::Text(text) => Some(text),
        Said::Null | Said::Json(_) => None,
    };
    FieldChange { name: name.into_owned(), value }
}
