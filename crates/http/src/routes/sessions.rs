//! `sessions/` and `sessions/{session}/`: where the user is logged in.

use axum::http::{Method, StatusCode};
use rest_auth_domain::datetime;
use rest_auth_domain::message::Message;
use rest_auth_flows::sessions;

use crate::answers::Session;
use crate::api_request::ApiRequest;
use crate::endpoint::outcome::PossibleAnswer;
use crate::endpoint::outcomes;
use crate::endpoint::tag::Tag;
use crate::endpoint::{Endpoint, Operation, PathName, SCOPE, handler};
use crate::error::ApiError;
use crate::reply::Reply;
use crate::rules::access::Access;
use crate::schemes;
use crate::settings::Configuration;

pub(crate) const SESSIONS: Endpoint = Endpoint {
    path: "sessions/",
    name: "Session List",
    description: "List where the user is logged in, or end all logins but this one.",
    tag: Tag::Sessions,
    allow: "GET, DELETE, HEAD, OPTIONS",
    access: Access::LoggedIn,
    scope: Some(SCOPE),
    form: None,
    operations: &[
        Operation::new(
            Method::GET,
            "listSessions",
            "List where the user is logged in",
            handler!(list),
            list_answers,
        ),
        Operation::new(
            Method::DELETE,
            "endOtherSessions",
            "End all logins but this one",
            handler!(end_others),
            end_others_answers,
        ),
    ],
};

pub(crate) const SESSION: Endpoint = Endpoint {
    path: "sessions/{session}/",
    name: "Session",
    description: "End a login of the user. To end the login of the request is a logout.",
    tag: Tag::Sessions,
    allow: "DELETE, OPTIONS",
    access: Access::LoggedIn,
    scope: Some(SCOPE),
    form: None,
    operations: &[Operation::new(
        Method::DELETE,
        "endSession",
        "End a login",
        handler!(end),
        end_answers,
    )],
};

fn list_answers(_: Configuration<'_>) -> Vec<PossibleAnswer> {
    vec![PossibleAnswer::list::<Session<'_>>(StatusCode::OK, "The logins, newest first.")]
}

fn end_others_answers(_: Configuration<'_>) -> Vec<PossibleAnswer> {
    vec![PossibleAnswer::no_content("All other logins have ended.")]
}

fn end_answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    vec![
        PossibleAnswer::no_content("The login has ended.")
            .cookies(outcomes::ended_cookies(configuration)),
        PossibleAnswer::sentence(StatusCode::NOT_FOUND, &Message::NotFound)
            .describe("The user has no login with this id."),
    ]
}

async fn list(request: ApiRequest) -> Result<Reply, ApiError> {
    let (auth, context, user) = (request.auth(), request.context(), request.user()?);
    let logins = sessions::list(auth, context, user).await?;
    let zone = auth.settings().i18n.time_zone;
    let written = |time| datetime::in_zone(time, zone);
    let logins: Vec<_> = logins.iter().map(|login| Session::new(login, written)).collect();
    Ok(Reply::json(&logins))
}

async fn end_others(request: ApiRequest) -> Result<Reply, ApiError> {
    let (auth, context, user) = (request.auth(), request.context(), request.user()?);
    sessions::end_others(auth, context, user).await?;
    Ok(Reply::no_content())
}

async fn end(request: ApiRequest, PathName(id): PathName) -> Result<Reply, ApiError> {
    let (auth, context, user) = (request.auth(), request.context(), request.user()?);
    let is_own = sessions::end(auth, context, user, &id).await?;
    let reply = Reply::no_content();
    Ok(if is_own { schemes::deleted(&request, reply) } else { reply })
}
