//! From the fields of a form to schemas: what a request says, what an answer shows, and the
//! errors of each field.

use utoipa::openapi::schema::{
    AdditionalProperties, KnownFormat, ObjectBuilder, SchemaFormat, SchemaType, Type,
};

use super::schemas::{text, texts};
use crate::form::{Completeness, Form, FormField, Kind};

/// The body of a request. Further keys are ignored, so they are not forbidden.
pub(super) fn request(form: &Form, completeness: Completeness) -> ObjectBuilder {
    writable(form).fold(ObjectBuilder::new(), |object, field| {
        let object = object.property(field.name, asked(field));
        let must = field.rule.required && completeness == Completeness::Whole;
        if must { object.required(field.name) } else { object }
    })
}

/// Whether a request needs a body.
pub(super) fn is_required(form: &Form, completeness: Completeness) -> bool {
    completeness == Completeness::Whole && writable(form).any(|field| field.rule.required)
}

/// The body of an answer that shows the fields.
pub(super) fn answer(form: &Form) -> ObjectBuilder {
    form.0.iter().fold(ObjectBuilder::new(), |object, field| {
        let shown = ObjectBuilder::new()
            .schema_type(kind(field))
            .title(Some(field.label))
            .max_length(field.rule.max_length);
        object.property(field.name, shown).required(field.name)
    })
}

/// The errors of a request: lists of sentences by field, and those of the form as a whole.
pub(super) fn errors(form: &Form, non_field_errors: &str) -> ObjectBuilder {
    // Closed, to be told from the other bodies of a 400.
    let closed =
        ObjectBuilder::new().additional_properties(Some(AdditionalProperties::FreeForm(false)));
    writable(form)
        .map(|field| field.name)
        .chain([non_field_errors])
        .fold(closed, |object, name| object.property(name, texts()))
        .description(Some("What is wrong with each field, and with the form as a whole."))
}

fn writable(form: &Form) -> impl Iterator<Item = &FormField> {
    form.0.iter().filter(|field| !field.read_only)
}

fn kind(field: &FormField) -> Type {
    match field.kind {
        Kind::Integer => Type::Integer,
        Kind::Boolean => Type::Boolean,
        Kind::Text | Kind::Email => Type::String,
    }
}

fn asked(field: &FormField) -> ObjectBuilder {
    let rule = &field.rule;
    let is_text = kind(field) == Type::String;
    let kind = if rule.allow_null {
        SchemaType::Array(vec![kind(field), Type::Null])
    } else {
        kind(field).into()
    };
    text(field.help_text.unwrap_or_default())
        .schema_type(kind)
        .title(Some(field.label))
        .format(format(field))
        .min_length(rule.min_length.or((!rule.allow_blank && is_text).then_some(1)))
        .max_length(rule.max_length)
}

/// Every field that takes a password says so in its name.
fn format(field: &FormField) -> Option<SchemaFormat> {
    if field.kind == Kind::Email {
        return Some(SchemaFormat::Custom("email".to_owned()));
    }
    let is_password = field.name.contains("password");
    is_password.then_some(SchemaFormat::KnownFormat(KnownFormat::Password))
}
