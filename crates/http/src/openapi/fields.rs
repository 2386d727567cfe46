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
        let object = object.property(field.name.as_ref(), asked(field));
        let must = field.rule.required && completeness == Completeness::Full;
        if must { object.required(field.name.as_ref()) } else { object }
    })
}

/// Whether a request needs a body.
pub(super) fn is_required(form: &Form, completeness: Completeness) -> bool {
    completeness == Completeness::Full && writable(form).any(|field| field.rule.required)
}

/// The body of an answer that shows the fields.
pub(super) fn answer(form: &Form) -> ObjectBuilder {
    form.0.iter().fold(ObjectBuilder::new(), |object, field| {
        let shown = ObjectBuilder::new()
            .schema_type(possibly_null(field, field.shown_null))
            .title(Some(field.label.as_ref()))
            .format((field.kind == Kind::Date).then_some(DATE))
            .max_length(field.rule.max_length.filter(|_| is_text(field)));
        object.property(field.name.as_ref(), shown).required(field.name.as_ref())
    })
}

/// The errors of a request: lists of sentences by field, and those of the form as a whole.
pub(super) fn errors(form: &Form, non_field_errors: &str) -> ObjectBuilder {
    // Closed, to be told from the other bodies of a 400.
    let closed =
        ObjectBuilder::new().additional_properties(Some(AdditionalProperties::FreeForm(false)));
    writable(form)
        .map(|field| field.name.as_ref())
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
        Kind::Text | Kind::Email | Kind::Date => Type::String,
    }
}

const DATE: SchemaFormat = SchemaFormat::KnownFormat(KnownFormat::Date);

/// Whether lengths mean anything.
fn is_text(field: &FormField) -> bool {
    matches!(field.kind, Kind::Text | Kind::Email)
}

fn possibly_null(field: &FormField, is_nullable: bool) -> SchemaType {
    if is_nullable { SchemaType::Array(vec![kind(field), Type::Null]) } else { kind(field).into() }
}

fn asked(field: &FormField) -> ObjectBuilder {
    let rule = &field.rule;
    let min_length = rule.min_length.or((!rule.allow_blank).then_some(1));
    text(field.help_text.unwrap_or_default())
        .schema_type(possibly_null(field, rule.allow_null))
        .title(Some(field.label.as_ref()))
        .format(format(field))
        .min_length(min_length.filter(|_| is_text(field)))
        .max_length(rule.max_length.filter(|_| is_text(field)))
}

/// Every field that takes a password says so in its name.
fn format(field: &FormField) -> Option<SchemaFormat> {
    if field.kind == Kind::Email {
        return Some(SchemaFormat::Custom("email".to_owned()));
    }
    if field.kind == Kind::Date {
        return Some(DATE);
    }
    let is_password = field.name.contains("password");
    is_password.then_some(SchemaFormat::KnownFormat(KnownFormat::Password))
}
