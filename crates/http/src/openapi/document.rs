//! The document as a whole.

use axum::http::Method;
use utoipa::openapi::path::{HttpMethod, PathItem, PathItemBuilder, PathsBuilder};
use utoipa::openapi::schema::{Components, ComponentsBuilder};
use utoipa::openapi::{InfoBuilder, OpenApi, OpenApiBuilder, Server};

use super::operation::{self, DescribedOperation};
use super::{failures, patch, response, security};
use crate::catalogue;
use crate::endpoint::Mounted;
use crate::endpoint::body_schema::BodySchema;
use crate::endpoint::outcome::{AnswerContent, PossibleAnswer};
use crate::endpoint::tag::Tag;
use crate::settings::Configuration;

const ABOUT: &str = "\
    Accounts: login, registration, passwords and e-mail addresses. The document shows what the \
    configuration of this server offers.\n\n\
    Every path works with and without its trailing slash. `OPTIONS` returns a description of the \
    endpoint. `HEAD` is answered like `GET`, without the body, and with 405 where `GET` uses \
    something up.";

/// The `OpenAPI` document (version 3.1) of the endpoints that the configuration switches on, with
/// the fields, answers and credentials that it gives them.
#[must_use]
pub fn document(configuration: Configuration<'_>) -> OpenApi {
    let mut paths = PathsBuilder::new();
    let mut tags: Vec<Tag> = Vec::new();
    let mut schemas = Vec::new();
    for endpoint in catalogue::endpoints(configuration) {
        if !tags.contains(&endpoint.tag) {
            tags.push(endpoint.tag);
        }
        paths = paths.path(
            format!("/{}", endpoint.path()),
            path_item(&endpoint, configuration, &mut schemas),
        );
    }
    let info = InfoBuilder::new()
        .title("rest-auth")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT));
    OpenApiBuilder::new()
        .info(info.build())
        .servers(Some([Server::new(base(configuration))]))
        .paths(paths.build())
        .components(Some(components(schemas, configuration)))
        .tags(Some(tags.into_iter().map(Tag::chapter)))
        .build()
}

fn base(configuration: Configuration<'_>) -> String {
    let base = configuration.http.server.base_path.trim_end_matches('/');
    if base.is_empty() { "/".to_owned() } else { base.to_owned() }
}

fn path_item(
    endpoint: &Mounted,
    configuration: Configuration<'_>,
    schemas: &mut Vec<BodySchema>,
) -> PathItem {
    let mut item = PathItemBuilder::new();
    let parameters: Vec<_> = endpoint.parameters().map(operation::path_parameter).collect();
    if !parameters.is_empty() {
        item = item.parameters(Some(parameters));
    }
    for operation in endpoint.operations {
        let Some(method) = http_method(&operation.method) else { continue };
        let Some(described) = operation::describe(endpoint, operation, configuration) else {
            continue;
        };
        let DescribedOperation { operation, schemas: used } = described;
        schemas.extend(used);
        item = item.operation(method, operation);
    }
    item.build()
}

fn http_method(method: &Method) -> Option<HttpMethod> {
    match method.as_str() {
        "GET" => Some(HttpMethod::Get),
        "POST" => Some(HttpMethod::Post),
        "PUT" => Some(HttpMethod::Put),
        "PATCH" => Some(HttpMethod::Patch),
        "DELETE" => Some(HttpMethod::Delete),
        _ => None,
    }
}

fn components(used: Vec<BodySchema>, configuration: Configuration<'_>) -> Components {
    let shared = failures::shared(configuration);
    let of_shared = shared.iter().filter_map(|outcome| match &outcome.content {
        AnswerContent::Json(schema) => Some(schema.clone()),
        AnswerContent::Empty | AnswerContent::Page => None,
    });
    let mut builder = ComponentsBuilder::new();
    for schema in used.into_iter().chain(of_shared) {
        for (name, schema) in schema.into_components() {
            let schema = patch::patched(&name, schema, configuration);
            builder = builder.schema(name, schema);
        }
    }
    for outcome in &shared {
        builder = with_response(builder, outcome, configuration);
    }
    for (name, scheme) in security::schemes(configuration) {
        builder = builder.security_scheme(name, scheme);
    }
    builder.build()
}

fn with_response(
    builder: ComponentsBuilder,
    outcome: &PossibleAnswer,
    configuration: Configuration<'_>,
) -> ComponentsBuilder {
    match outcome.shared {
        Some(name) => {
            let body = response::body(&[outcome], name);
            let response = response::response(&[outcome], body.as_ref(), configuration);
            builder.response(name, response)
        }
        None => builder,
    }
}
