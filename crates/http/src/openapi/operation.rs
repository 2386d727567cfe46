//! One method of an endpoint, described.

use std::collections::BTreeMap;

use axum::http::{Method, StatusCode};
use utoipa::openapi::content::{Content as MediaType, ContentBuilder};
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{
    Operation as Description, OperationBuilder, Parameter, ParameterBuilder, ParameterIn,
};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{
    AnyOfBuilder, KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type,
};
use utoipa::openapi::{Ref, RefOr, Required};

use super::outcome::{Content, Outcome};
use super::schemas::{Named, text};
use super::{failures, fields, security};
use crate::api::Api;
use crate::endpoint::{Endpoint, Operation};
use crate::form::{Completeness, Form};
use crate::options::parses;

/// An operation and the schemas that it refers to.
pub(super) struct Described {
    pub(super) operation: Description,
    pub(super) schemas: Vec<Named>,
}

/// Describes a method of an endpoint; `None` if the configuration does not offer it.
pub(super) fn describe(endpoint: &Endpoint, operation: &Operation, api: &Api) -> Option<Described> {
    let mut outcomes = (operation.outcomes)(api);
    if outcomes.is_empty() {
        return None;
    }
    outcomes.extend(failures::of(endpoint, operation, api));
    let mut description = OperationBuilder::new()
        .tag(endpoint.tag.name())
        .operation_id(Some(operation.id))
        .summary(Some(operation.summary))
        .description((!endpoint.description.is_empty()).then_some(endpoint.description))
        .securities(Some(security::requirements(endpoint, operation, api)));
    let mut schemas = Vec::new();
    if let Some((form, completeness)) = body(endpoint, operation, api) {
        let name = capitalized(operation.id);
        let key = &api.settings().rest_framework.non_field_errors_key;
        let errors = Named::new(format!("{name}Errors"), fields::errors(&form, key));
        outcomes.extend(failures::of_fields(errors));
        let asked = fields::request(&form, completeness);
        let asked = Named::new(format!("{name}Request"), asked);
        let is_required = fields::is_required(&form, completeness);
        description = description.request_body(Some(request_body(api, &asked, is_required)));
        schemas.push(asked);
    }
    for (status, alternatives) in by_status(&outcomes) {
        let response = response_or_reference(&alternatives, api);
        description = description.response(status.as_str(), response);
    }
    schemas.extend(outcomes.into_iter().filter_map(|outcome| match outcome.content {
        Content::Json(schema) => Some(schema),
        Content::Empty | Content::Page => None,
    }));
    Some(Described { operation: description.build(), schemas })
}

/// What stands for something else in a path: the key of a row.
pub(super) fn path_parameter(name: &str) -> Parameter {
    let schema = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .minimum(Some(1));
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some("The `id` of what is meant, as its list shows it."))
        .schema(Some(schema))
        .build()
}

/// The fields that an operation takes: its own, or those that the endpoint declares.
fn body(endpoint: &Endpoint, operation: &Operation, api: &Api) -> Option<(Form, Completeness)> {
    let form = match (operation.form, endpoint.form) {
        (Some(form), _) => form,
        (None, Some((_, form))) if !operation.method.is_safe() => form,
        _ => return None,
    };
    let form = form(api);
    let completeness = match operation.method {
        Method::PATCH => Completeness::Partial,
        _ => Completeness::Full,
    };
    (!form.0.is_empty()).then_some((form, completeness))
}

fn request_body(api: &Api, schema: &Named, is_required: bool) -> RequestBody {
    let builder = parses(api).fold(RequestBodyBuilder::new(), |body, media_type| {
        body.content(media_type, MediaType::new(Some(schema.reference())))
    });
    builder.required(Some(if is_required { Required::True } else { Required::False })).build()
}

fn by_status(outcomes: &[Outcome]) -> BTreeMap<StatusCode, Vec<&Outcome>> {
    let mut grouped = BTreeMap::<StatusCode, Vec<&Outcome>>::new();
    for outcome in outcomes {
        grouped.entry(outcome.status).or_default().push(outcome);
    }
    grouped
}

/// A reference to the shared description, unless the operation has more to say of the status.
fn response_or_reference(alternatives: &[&Outcome], api: &Api) -> RefOr<Response> {
    let shared = alternatives.first().and_then(|first| first.shared);
    match shared.filter(|_| alternatives.iter().all(|outcome| outcome.shared == shared)) {
        Some(name) => Ref::from_response_name(name).into(),
        None => response(alternatives, api).into(),
    }
}

/// The answer with one status, whichever of these is the case.
pub(super) fn response(alternatives: &[&Outcome], api: &Api) -> Response {
    let mut descriptions: Vec<&str> = Vec::new();
    for outcome in alternatives {
        if !descriptions.contains(&&*outcome.description) {
            descriptions.push(&outcome.description);
        }
    }
    let mut response = ResponseBuilder::new().description(descriptions.join(" Or: "));
    for (name, description) in headers(alternatives) {
        let header = HeaderBuilder::new().schema(Some(text(""))).description(Some(description));
        response = response.header(name, header.build());
    }
    for (media_type, content) in contents(alternatives, api) {
        response = response.content(media_type, content);
    }
    response.build()
}

fn headers(alternatives: &[&Outcome]) -> BTreeMap<String, String> {
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

fn contents(alternatives: &[&Outcome], api: &Api) -> Vec<(&'static str, MediaType)> {
    let mut schemas: Vec<&Named> = Vec::new();
    let mut has_page = false;
    for outcome in alternatives {
        match &outcome.content {
            Content::Empty => {}
            Content::Json(schema) if schemas.iter().any(|known| known.name == schema.name) => {}
            Content::Json(schema) => schemas.push(schema),
            Content::Page => has_page = true,
        }
    }
    let mut contents = Vec::new();
    if !schemas.is_empty() {
        for renderer in api.renderers() {
            let media_type = renderer.media_type();
            if media_type == HTML {
                has_page = true;
                continue;
            }
            let example = alternatives.iter().find_map(|outcome| outcome.example.clone());
            let content = ContentBuilder::new().schema(Some(any_of(&schemas))).example(example);
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

fn any_of(schemas: &[&Named]) -> RefOr<Schema> {
    match schemas {
        [only] => only.reference(),
        several => {
            let builder = several
                .iter()
                .fold(AnyOfBuilder::new(), |any, schema| any.item(schema.reference()));
            RefOr::T(builder.into())
        }
    }
}

fn capitalized(id: &str) -> String {
    let mut characters = id.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_ascii_uppercase().to_string() + characters.as_str()
    })
}
