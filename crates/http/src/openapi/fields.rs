//! Schemas of the fields of a form, in requests and in answers.

use rest_auth_domain::language::ENGLISH;
use serde_json::{Map, Value};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, SchemaType, Type};

use crate::form::{Completeness, FieldKind, Form, FormField};

/// The body of a request. Further keys are ignored, so they are not forbidden.
pub(super) fn request(form: &Form, completeness: Completeness) -> ObjectBuilder {
    form.writable().fold(ObjectBuilder::new(), |object, field| {
        let object = object.property(field.name.as_ref(), asked(field));
        let must = field.rule.required && completeness == Completeness::Full;
        if must { object.required(field.name.as_ref()) } else { object }
    })
}

/// A body that the server would take. `None`: somebody has to fill in what nobody knows before, such
/// as a code.
pub(super) fn example(form: &Form, completeness: Completeness) -> Option<Value> {
    let mut body = Map::new();
    for field in form.writable() {
        let must = field.rule.required && completeness == Completeness::Full;
        match example_of(&field.name) {
            Some(text) => drop(body.insert(field.name.to_string(), text.into())),
            None if must => return None,
            None => {}
        }
    }
    Some(body.into())
}

/// What a field of this name may hold.
fn example_of(name: &str) -> Option<&'static str> {
    Some(match name {
        "username" => "ada",
        "email" => "ada@example.com",
        "first_name" => "Ada",
        "last_name" => "Lovelace",
        "password" | "password1" | "password2" | "old_password" | "current_password" => {
            "correct horse battery staple"
        }
        "new_password1" | "new_password2" => "another horse, another staple",
        _ => return None,
    })
}

/// Whether a request needs a body.
pub(super) fn is_required(form: &Form, completeness: Completeness) -> bool {
    completeness == Completeness::Full && form.writable().any(|field| field.rule.required)
}

/// What an answer shows of a field.
pub(super) fn shown(field: &FormField) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(possibly_null(field, field.is_extra))
        .title(Some(field.shown_label(&ENGLISH)))
        .format((field.kind == FieldKind::Date).then_some(DATE))
        .max_length(field.rule.max_length.filter(|_| is_text(field)))
}

/// The type; nested JSON may be of any.
fn kind(field: &FormField) -> Option<Type> {
    match field.kind {
        FieldKind::Integer => Some(Type::Integer),
        FieldKind::Boolean => Some(Type::Boolean),
        FieldKind::Text | FieldKind::Email | FieldKind::Date => Some(Type::String),
        FieldKind::List => Some(Type::Array),
        FieldKind::Json => None,
    }
}

const DATE: SchemaFormat = SchemaFormat::KnownFormat(KnownFormat::Date);

/// Whether limits on the length apply.
fn is_text(field: &FormField) -> bool {
    matches!(field.kind, FieldKind::Text | FieldKind::Email)
}

fn possibly_null(field: &FormField, is_nullable: bool) -> SchemaType {
    match kind(field) {
        None => SchemaType::AnyValue,
        Some(kind) if is_nullable => SchemaType::Array(vec![kind, Type::Null]),
        Some(kind) => kind.into(),
    }
}

fn asked(field: &FormField) -> ObjectBuilder {
    let rule = &field.rule;
    let min_length = rule.min_length.or((!rule.allow_blank).then_some(1));
    ObjectBuilder::new()
        .description(field.help_text.map(|help| help.text(&ENGLISH)))
        .enum_values(field.only.map(|flag| [flag]))
        .schema_type(possibly_null(field, rule.allow_null))
        .title(Some(field.shown_label(&ENGLISH)))
        .format(format(field))
        .min_length(min_length.filter(|_| is_text(field)))
        .max_length(rule.max_length.filter(|_| is_text(field)))
}

/// Every field that takes a password says so in its name.
fn format(field: &FormField) -> Option<SchemaFormat> {
    // An empty text is no address, where one may be sent.
    if field.kind == FieldKind::Email && !field.rule.allow_blank {
        return Some(SchemaFormat::Custom("email".to_owned()));
    }
    if field.kind == FieldKind::Date {
        return Some(DATE);
    }
    let is_password = field.name.contains("password");
    is_password.then_some(SchemaFormat::KnownFormat(KnownFormat::Password))
}
