//! One method of an endpoint, described.

use std::collections::BTreeMap;

use axum::http::{Method, StatusCode};
use serde_json::Value;
use utoipa::openapi::Required;
use utoipa::openapi::content::Content as MediaType;
use utoipa::openapi::path::{
    Operation as Description, OperationBuilder, Parameter, ParameterBuilder, ParameterIn,
};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};

use super::{failures, fields, response, security};
use crate::endpoint::body_schema::BodySchema;
use crate::endpoint::outcome::PossibleAnswer;
use crate::endpoint::{Endpoint, Mounted, Operation};
use crate::form::{Completeness, Form};
use crate::options::parses;
use crate::path_parameters;
use crate::settings::Configuration;

/// An operation and the schemas that it refers to.
pub(super) struct DescribedOperation {
    pub(super) operation: Description,
    pub(super) schemas: Vec<BodySchema>,
}

/// Describes a method of an endpoint; `None` if the configuration does not offer it.
pub(super) fn describe(
    endpoint: &Mounted,
    operation: &Operation,
    configuration: Configuration<'_>,
) -> Option<DescribedOperation> {
    let mut outcomes = (operation.outcomes)(configuration);
    if outcomes.is_empty() {
        return None;
    }
    outcomes.extend(failures::of(endpoint, operation, configuration));
    let mut description = OperationBuilder::new()
        .tag(endpoint.tag.name())
        .operation_id(Some(endpoint.operation_id(operation)))
        .summary(Some(endpoint.summary(operation)))
        .description((!endpoint.description.is_empty()).then_some(endpoint.description))
        .securities(Some(security::requirements(endpoint, operation, configuration)));
    // All providers share their schemas.
    let name = capitalized(&operation.id.replace("{provider}", "Provider"));
    for (name, about) in operation.query {
        description = description.parameter(query_parameter(name, about));
    }
    let mut schemas = Vec::new();
    if let Some((form, completeness)) = body(endpoint, operation, configuration) {
        outcomes.extend(failures::of_fields());
        let example = fields::example(&form, completeness);
        let asked = fields::request(&form, completeness);
        let asked = BodySchema::named(format!("{name}Request"), asked);
        let is_required = fields::is_required(&form, completeness);
        let body = request_body(configuration, &asked, is_required, example.as_ref());
        description = description.request_body(Some(body));
        schemas.push(asked);
    }
    for (status, alternatives) in by_status(&outcomes) {
        let body = response::body(&alternatives, &format!("{name}{}", ending(status)));
        let answer = response::or_reference(&alternatives, body.as_ref(), configuration);
        description = description.response(status.as_str(), answer);
        schemas.extend(body);
    }
    Some(DescribedOperation { operation: description.build(), schemas })
}

/// The parameter of a path: the id of a row, or the name of a login.
pub(super) fn path_parameter(name: &str) -> Parameter {
    let schema = if name == path_parameters::SESSION {
        ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[A-Za-z0-9_-]+$"))
    } else {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
            .minimum(Some(1))
    };
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some("The `id` from the list."))
        .schema(Some(schema))
        .build()
}

/// A parameter of the query.
fn query_parameter(name: &str, about: &str) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(about))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .build()
}

/// The fields that an operation takes: its own, or those that the endpoint declares.
fn body(
    endpoint: &Endpoint,
    operation: &Operation,
    configuration: Configuration<'_>,
) -> Option<(Form, Completeness)> {
    let form = match (operation.form, endpoint.form) {
        (Some(form), _) => form,
        (None, Some((_, form))) if !operation.method.is_safe() => form,
        _ => return None,
    };
    let form = form(configuration);
    let completeness = match operation.method {
        Method::PATCH => Completeness::Partial,
        _ => Completeness::Full,
    };
    (!form.0.is_empty()).then_some((form, completeness))
}

fn request_body(
    configuration: Configuration<'_>,
    schema: &BodySchema,
    is_required: bool,
    example: Option<&Value>,
) -> RequestBody {
    let builder =
        parses(configuration).into_iter().fold(RequestBodyBuilder::new(), |body, media_type| {
            let mut content = MediaType::new(Some(schema.reference()));
            content.example = example.cloned();
            body.content(media_type, content)
        });
    builder.required(Some(if is_required { Required::True } else { Required::False })).build()
}

/// What the schema of an answer of several shapes is called, after its operation.
fn ending(status: StatusCode) -> &'static str {
    match status {
        StatusCode::FORBIDDEN => "Refusal",
        status if status.is_client_error() => "Error",
        _ => "Result",
    }
}

fn by_status(outcomes: &[PossibleAnswer]) -> BTreeMap<StatusCode, Vec<&PossibleAnswer>> {
    let mut grouped = BTreeMap::<StatusCode, Vec<&PossibleAnswer>>::new();
    for outcome in outcomes {
        grouped.entry(outcome.status).or_default().push(outcome);
    }
    grouped
}

fn capitalized(id: &str) -> String {
    let mut characters = id.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_ascii_uppercase().to_string() + characters.as_str()
    })
}
