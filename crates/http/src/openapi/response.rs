//! One answer of an operation, described.

use std::collections::BTreeMap;

use utoipa::openapi::content::{Content as MediaType, ContentBuilder};
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{Ref, RefOr};

use crate::answers::{AuthenticationError, BadRequest, Detail};
use crate::endpoint::body_schema::BodySchema;
use crate::endpoint::outcome::{AnswerContent, PossibleAnswer};
use crate::settings::Configuration;

/// A reference to the shared description, unless the operation has more to say of the status.
pub(super) fn or_reference(
    alternatives: &[&PossibleAnswer],
    body: Option<&BodySchema>,
    configuration: Configuration<'_>,
) -> RefOr<Response> {
    let shared = alternatives.first().and_then(|first| first.shared);
    match shared.filter(|_| alternatives.iter().all(|outcome| outcome.shared == shared)) {
        Some(name) => Ref::from_response_name(name).into(),
        None => response(alternatives, body, configuration).into(),
    }
}

/// The answer with one status, whichever of these is the case.
pub(super) fn response(
    alternatives: &[&PossibleAnswer],
    body: Option<&BodySchema>,
    configuration: Configuration<'_>,
) -> Response {
    let mut descriptions: Vec<&str> = Vec::new();
    for outcome in alternatives {
        if !descriptions.contains(&&*outcome.description) {
            descriptions.push(&outcome.description);
        }
    }
    let mut response = ResponseBuilder::new().description(descriptions.join(" Or: "));
    let text = ObjectBuilder::new().schema_type(Type::String).build();
    for (name, description) in headers(alternatives) {
        let header = HeaderBuilder::new().schema(Some(text.clone())).description(Some(description));
        response = response.header(name, header.build());
    }
    for (media_type, content) in contents(alternatives, body, configuration) {
        response = response.content(media_type, content);
    }
    response.build()
}

fn headers(alternatives: &[&PossibleAnswer]) -> BTreeMap<String, String> {
    let mut headers = BTreeMap::new();
    for outcome in alternatives {
        for (name, description) in &outcome.headers {
            headers.insert((*name).to_owned(), (*description).to_owned());
        }
        if !outcome.cookies.is_empty() {
            let names: Vec<_> = outcome.cookies.iter().map(|name| format!("`{name}`")).collect();
            let kind = if names.len() == 1 { "The cookie" } else { "The cookies" };
            headers.insert("Set-Cookie".to_owned(), format!("{kind} {}.", names.join(", ")));
        }
    }
    headers
}

fn contents(
    alternatives: &[&PossibleAnswer],
    body: Option<&BodySchema>,
    configuration: Configuration<'_>,
) -> Vec<(&'static str, MediaType)> {
    let mut has_page =
        alternatives.iter().any(|outcome| matches!(outcome.content, AnswerContent::Page));
    let mut contents = Vec::new();
    if let Some(schema) = body {
        for renderer in &configuration.http.rest_framework.default_renderer_classes {
            let media_type = renderer.media_type();
            if media_type == HTML {
                has_page = true;
                continue;
            }
            let example = alternatives.iter().find_map(|outcome| outcome.example.clone());
            let content = ContentBuilder::new().schema(Some(schema.reference())).example(example);
            contents.push((media_type, content.build()));
        }
    }
    if has_page {
        let page: Schema = ObjectBuilder::new().schema_type(Type::String).into();
        contents.push((HTML, MediaType::new(Some(page))));
    }
    contents
}

const HTML: &str = "text/html";

/// The schema of the body of one status: that of its only kind, or one that offers several under a
/// name of its own. A sentence is left out where another kind has room for it.
pub(super) fn body(alternatives: &[&PossibleAnswer], name: &str) -> Option<BodySchema> {
    let mut schemas: Vec<&BodySchema> = Vec::new();
    for outcome in alternatives {
        if let AnswerContent::Json(schema) = &outcome.content
            && !schemas.iter().any(|known| known.name() == schema.name())
        {
            schemas.push(schema);
        }
    }
    let has_room =
        |schema: &BodySchema| schema.is::<BadRequest>() || schema.is::<AuthenticationError>();
    if schemas.iter().any(|schema| has_room(schema)) {
        schemas.retain(|schema| !schema.is::<Detail>());
    }
    match schemas.as_slice() {
        [] => None,
        [only] => Some((*only).clone()),
        several => Some(BodySchema::either(name, several)),
    }
}
