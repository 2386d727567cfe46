//! The document as a whole.

use axum::http::Method;
use utoipa::openapi::path::{HttpMethod, PathItem, PathItemBuilder, PathsBuilder};
use utoipa::openapi::schema::{Components, ComponentsBuilder};
use utoipa::openapi::{InfoBuilder, OpenApi, OpenApiBuilder, Server};

use super::operation::{self, Described};
use super::outcome::{Content, Outcome};
use super::schemas::{self, Named};
use super::tag::Tag;
use super::{failures, security};
use crate::api::Api;
use crate::endpoint::Endpoint;
use crate::router;

const ABOUT: &str = "\
    Accounts: login, registration, passwords, e-mail addresses, as this server is configured.\n\n\
    Every path answers with and without its trailing slash, and to `OPTIONS` with a description \
    of itself. `HEAD` is answered as `GET` is, without the body.";

/// The `OpenAPI` document (version 3.1) of the endpoints that the configuration switches on, with
/// the fields, answers and credentials that it gives them.
#[must_use]
pub fn document(api: &Api) -> OpenApi {
    let mut paths = PathsBuilder::new();
    let mut tags: Vec<Tag> = Vec::new();
    let mut schemas = vec![schemas::user(api)];
    for endpoint in router::endpoints(api) {
        if !tags.contains(&endpoint.tag) {
            tags.push(endpoint.tag);
        }
        paths = paths.path(format!("/{}", endpoint.path), path_item(endpoint, api, &mut schemas));
    }
    let info = InfoBuilder::new()
        .title("rest-auth")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT));
    OpenApiBuilder::new()
        .info(info.build())
        .servers(Some([Server::new(base(api))]))
        .paths(paths.build())
        .components(Some(components(schemas, api)))
        .tags(Some(tags.into_iter().map(Tag::chapter)))
        .build()
}

fn base(api: &Api) -> String {
    let base = api.settings().server.base_path.trim_end_matches('/');
    if base.is_empty() { "/".to_owned() } else { base.to_owned() }
}

fn path_item(endpoint: &Endpoint, api: &Api, schemas: &mut Vec<Named>) -> PathItem {
    let mut item = PathItemBuilder::new();
    let parameters: Vec<_> = endpoint.parameters().map(operation::path_parameter).collect();
    if !parameters.is_empty() {
        item = item.parameters(Some(parameters));
    }
    for operation in endpoint.operations {
        let Some(method) = http_method(&operation.method) else { continue };
        let Some(described) = operation::describe(endpoint, operation, api) else { continue };
        let Described { operation, schemas: used } = described;
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

fn components(mut schemas: Vec<Named>, api: &Api) -> Components {
    let shared = failures::shared(api);
    schemas.extend(shared.iter().filter_map(|outcome| match &outcome.content {
        Content::Json(schema) => Some(schema.clone()),
        Content::Empty | Content::Page => None,
    }));
    let mut builder = ComponentsBuilder::new();
    for Named { name, schema } in schemas {
        builder = builder.schema(name, *schema);
    }
    for outcome in &shared {
        builder = with_response(builder, outcome, api);
    }
    for (name, scheme) in security::schemes(api) {
        builder = builder.security_scheme(name, scheme);
    }
    builder.build()
}

fn with_response(builder: ComponentsBuilder, outcome: &Outcome, api: &Api) -> ComponentsBuilder {
    match outcome.shared {
        Some(name) => builder.response(name, operation::response(&[outcome], api)),
        None => builder,
    }
}
