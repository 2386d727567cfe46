//! What OPTIONS says of a form, in the language of the request.

use rest_auth_domain::language::Language;
use serde::ser::{Serialize, SerializeMap as _, Serializer};

use super::field::{Form, FormField};
use super::kind::FieldKind;

/// The `actions` entry of OPTIONS: each field by its name.
pub(crate) struct Described<'f> {
    /// The fields.
    pub(crate) form: &'f Form,
    /// The language of labels and help texts.
    pub(crate) language: &'f Language,
}

/// One field of it.
struct DescribedField<'f> {
    field: &'f FormField,
    language: &'f Language,
}

impl Serialize for Described<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { form, language } = self;
        serializer.collect_map(
            form.0.iter().map(|field| (&field.name, DescribedField { field, language })),
        )
    }
}

/// The items of a list.
#[derive(serde::Serialize)]
struct Child {
    r#type: &'static str,
    required: bool,
    read_only: bool,
}

impl Default for Child {
    fn default() -> Self {
        Self { r#type: FieldKind::Text.name(), required: true, read_only: false }
    }
}

/// In the order of DRF's metadata.
impl Serialize for DescribedField<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { field, language } = self;
        let mut entry = serializer.serialize_map(None)?;
        entry.serialize_entry("type", field.kind.name())?;
        entry.serialize_entry("required", &field.rule.required)?;
        entry.serialize_entry("read_only", &field.read_only)?;
        entry.serialize_entry("label", &field.shown_label(language))?;
        if let Some(help) = field.help_text {
            entry.serialize_entry("help_text", &help.text(language))?;
        }
        if let Some(min) = field.rule.min_length {
            entry.serialize_entry("min_length", &min)?;
        }
        // DRF shows no limit for addresses: theirs belongs to the validator.
        if let Some(max) = field.rule.max_length.filter(|_| field.kind == FieldKind::Text) {
            entry.serialize_entry("max_length", &max)?;
        }
        if field.kind == FieldKind::List {
            entry.serialize_entry("child", &Child::default())?;
        }
        entry.end()
    }
}
