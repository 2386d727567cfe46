//! The answers to requests that the dispatcher stops, in the order of its checks. All endpoints
//! share them.

use axum::http::StatusCode;
use rest_auth_domain::message::Message;
use rest_auth_flows::limits::Action;

use super::security;
use crate::answers::BadRequest;
use crate::endpoint::outcome::{AnswerContent, PossibleAnswer};
use crate::endpoint::{Endpoint, Operation, outcomes};
use crate::rules::access::Access;
use crate::rules::throttles::Throttles;
use crate::settings::Configuration;
use crate::settings::rest_framework::Authentication;

/// The failures of an operation that has no fields.
pub(super) fn of(
    endpoint: &Endpoint,
    operation: &Operation,
    configuration: Configuration<'_>,
) -> Vec<PossibleAnswer> {
    let mut failures = vec![unknown_format(), not_acceptable(), unavailable()];
    if !configuration.http.server.allowed_hosts.is_empty() {
        failures.push(unknown_host());
    }
    let access = endpoint.access(&operation.method, configuration);
    failures.extend(refused(access, configuration));
    let checks_origin = operation.checks_origin && configuration.http.csrf.check_login_origin;
    if checks_origin || security::checks_csrf(access, &operation.method, configuration) {
        failures.push(outcomes::csrf_failed());
    }
    if Throttles::new(&configuration.http.rest_framework).cover(endpoint.scope) {
        failures.push(outcomes::throttled());
    }
    // With a name and a password every request is a login.
    let logs_in = access != Access::Unauthenticated
        && configuration.authentication_classes().contains(&Authentication::Basic);
    let actions = [Action::LoginFailed, Action::LoginFailedAccount];
    let guessing = outcomes::limited(configuration, &actions);
    failures.extend(guessing.filter(|_| logs_in));
    failures
}

/// The further failures of an operation with fields.
pub(super) fn of_fields() -> Vec<PossibleAnswer> {
    vec![
        PossibleAnswer::json::<BadRequest>(
            StatusCode::BAD_REQUEST,
            "Some fields are not valid, or the body cannot be read.",
        ),
        PossibleAnswer::new(
            StatusCode::BAD_REQUEST,
            "The body is too large, or has too many fields.",
            AnswerContent::Page,
        ),
        unsupported_media_type(),
    ]
}

/// Those that are the same for every operation, and the one that no described operation has: the
/// answer to a method that an endpoint does not know.
pub(super) fn shared(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let always = [
        unknown_format(),
        method_not_allowed(),
        not_acceptable(),
        unsupported_media_type(),
        outcomes::csrf_failed(),
        outcomes::throttled(),
        unavailable(),
    ];
    refused(Access::LoggedIn, configuration).into_iter().chain(always).collect()
}

/// The answer to credentials that are not valid, or missing.
fn refused(access: Access, configuration: Configuration<'_>) -> Option<PossibleAnswer> {
    let can_be_refused = |class: &Authentication| match access {
        Access::LoggedIn | Access::AnyoneOrUser => true,
        Access::Anyone => *class != Authentication::Session && !configuration.ignores_ended(*class),
        Access::Unauthenticated | Access::Registration => false,
    };
    if !configuration.authentication_classes().iter().any(can_be_refused) {
        return None;
    }
    let (status, name) = if configuration.challenges() {
        (StatusCode::UNAUTHORIZED, "Unauthorized")
    } else {
        (StatusCode::FORBIDDEN, "Forbidden")
    };
    let description = "The credentials of the request are missing, or not valid.";
    Some(outcomes::refused(configuration, status, description).shared(name))
}

fn unknown_format() -> PossibleAnswer {
    PossibleAnswer::sentence(StatusCode::NOT_FOUND, &Message::NotFound)
        .describe("`?format=` names a format that is not available.")
        .shared("UnknownFormat")
}

fn method_not_allowed() -> PossibleAnswer {
    let message = Message::MethodNotAllowed { method: "DELETE".to_owned() };
    PossibleAnswer::sentence(StatusCode::METHOD_NOT_ALLOWED, &message)
        .describe("The endpoint does not support the method. The header `Allow` lists the supported ones.")
        .shared("MethodNotAllowed")
}

fn not_acceptable() -> PossibleAnswer {
    PossibleAnswer::sentence(StatusCode::NOT_ACCEPTABLE, &Message::NotAcceptable)
        .describe("`Accept` names no format that is available.")
        .shared("NotAcceptable")
}

fn unsupported_media_type() -> PossibleAnswer {
    let message = Message::UnsupportedMediaType { media_type: "text/plain".to_owned() };
    PossibleAnswer::sentence(StatusCode::UNSUPPORTED_MEDIA_TYPE, &message)
        .describe("The body has a content type that is not supported.")
        .shared("UnsupportedMediaType")
}

fn unavailable() -> PossibleAnswer {
    PossibleAnswer::sentence(StatusCode::SERVICE_UNAVAILABLE, &Message::Overloaded)
        .describe("The server is busy, or a service that it needs does not answer.")
        .retry_after()
        .shared("Unavailable")
}

fn unknown_host() -> PossibleAnswer {
    let description = "The header `Host` names a host that is not allowed.";
    PossibleAnswer::new(StatusCode::BAD_REQUEST, description, AnswerContent::Page)
}
