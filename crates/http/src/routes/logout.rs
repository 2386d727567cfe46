//! `logout/`

use axum::http::{Method, StatusCode};
use rest_auth_domain::message::Message;
use rest_auth_flows::logout::{self, Outcome, Shown};

use crate::api::Api;
use crate::api_request::ApiRequest;
use crate::endpoint::{Access, Endpoint, Operation, SCOPE, handler};
use crate::error::ApiError;
use crate::form::{Form, FormField};
use crate::openapi::outcome;
use crate::openapi::schemas;
use crate::openapi::tag::Tag;
use crate::reply::{Reply, SessionOutcome};
use crate::schemes::{self, OwnedRefresh, Shown as ShownBy};

pub(crate) const LOGOUT: Endpoint = Endpoint {
    path: "logout/",
    name: "Logout",
    description: "End the session, the token and the refresh token of the request.",
    tag: Tag::Login,
    allow: "GET, POST, HEAD, OPTIONS",
    access: Access::Anyone,
    scope: Some(SCOPE),
    form: None,
    operations: &[
        Operation::new(Method::POST, "logout", "Log out", handler!(log_out), outcomes)
            .taking(form)
            .reading_refresh_cookie(),
        Operation::new(
            Method::GET,
            "logoutByLink",
            "Log out by following a link",
            handler!(log_out_on_get),
            outcomes_on_get,
        )
        .reading_refresh_cookie(),
    ],
};

/// The refresh token to take back, where it is asked for in the body.
fn form(api: &Api) -> Form {
    let is_asked = schemes::refresh_is_revoked(api) && !schemes::refresh_is_hidden(api);
    Form(Vec::from_iter(is_asked.then(|| FormField::text("refresh", "Refresh").optional())))
}

fn outcomes(api: &Api) -> Vec<outcome::Outcome> {
    let settings = &api.auth().settings().rest_auth;
    let session = settings.session_login.then(|| outcome::session_cookie(api));
    let cookies = outcome::jwt_cookies(api).into_iter().chain(session).collect();
    let done = outcome::Outcome::sentence(StatusCode::OK, &Message::LoggedOut).cookies(cookies);
    let nobody = outcome::Outcome::sentence(StatusCode::BAD_REQUEST, &Message::NotLoggedIn);
    let refused = settings.use_jwt.then(|| {
        let description = "The refresh token is missing or no good.";
        outcome::Outcome::json(StatusCode::UNAUTHORIZED, description, schemas::detail())
    });
    [done, nobody].into_iter().chain(refused).collect()
}

fn outcomes_on_get(api: &Api) -> Vec<outcome::Outcome> {
    if api.auth().settings().account.logout_on_get { outcomes(api) } else { Vec::new() }
}

async fn log_out_on_get(request: ApiRequest) -> Result<Reply, ApiError> {
    // HEAD is for looking, never for acting.
    if request.auth().settings().account.logout_on_get && request.method() == Method::GET {
        return log_out(request).await;
    }
    Err(ApiError::MethodNotAllowed(request.method().to_string()))
}

async fn log_out(request: ApiRequest) -> Result<Reply, ApiError> {
    let settings = &request.auth().settings().rest_auth;
    let refresh = if settings.use_jwt {
        schemes::refresh_to_revoke(&request)?
    } else {
        OwnedRefresh::NotAsked
    };
    let caller = request.caller();
    if settings.session_login {
        // The flow ends it, and the answer depends on it.
        request.session().await?;
    }
    let shown = Shown {
        user: caller.user.as_ref(),
        access: if let ShownBy::Access(access) = &caller.shown { Some(access) } else { None },
        refresh: refresh.as_shown(),
    };
    let outcome = logout::log_out(request.auth(), request.context(), shown).await?;
    let reply = match outcome {
        Outcome::Done(message) => Reply::detail(StatusCode::OK, message),
        Outcome::Refused(message) => Reply::detail(StatusCode::UNAUTHORIZED, message),
        Outcome::NotLoggedIn => {
            return Ok(Reply::detail(StatusCode::BAD_REQUEST, Message::NotLoggedIn));
        }
    };
    let reply = reply.cookies(schemes::deleted_token_cookies(&request));
    Ok(if settings.session_login { reply.session(SessionOutcome::Ended) } else { reply })
}
