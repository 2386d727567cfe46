//! `logout/`

use axum::http::{Method, StatusCode};
use rest_auth_domain::message::Message;
use rest_auth_flows::logout::{self, Outcome};

use crate::api::Api;
use crate::api_request::ApiRequest;
use crate::endpoint::{Access, Endpoint, Operation, SCOPE, handler};
use crate::error::ApiError;
use crate::form::{Form, FormField};
use crate::openapi::outcome;
use crate::openapi::schemas;
use crate::openapi::tag::Tag;
use crate::reply::Reply;
use crate::schemes;

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
    let shown = schemes::shown_at_logout(&request).await?;
    let reply = match logout::log_out(request.auth(), request.context(), shown).await? {
        Outcome::Done(message) => Reply::detail(StatusCode::OK, message),
        Outcome::Refused(message) => Reply::detail(StatusCode::UNAUTHORIZED, message),
        Outcome::NotLoggedIn => {
            return Ok(Reply::detail(StatusCode::BAD_REQUEST, Message::NotLoggedIn));
        }
    };
    Ok(schemes::logged_out(&request, reply))
}
