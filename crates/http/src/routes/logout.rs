//! `logout/`

use axum::http::{Method, StatusCode};
use rest_auth_domain::message::Message;
use rest_auth_flows::logout::{self, LogoutResult};

use crate::answers::Detail;
use crate::api_request::ApiRequest;
use crate::endpoint::tag::Tag;
use crate::endpoint::{Endpoint, Operation, SCOPE, handler};
use crate::endpoint::{outcome, outcomes};
use crate::error::ApiError;
use crate::form::{FormBody as _, form, text};
use crate::reply::Reply;
use crate::rules::access::Access;
use crate::schemes;
use crate::settings::Configuration;

pub(crate) const LOGOUT: Endpoint = Endpoint {
    path: "logout/",
    name: "Logout",
    description: "Log out: end the session, the token and the refresh token of the request.",
    tag: Tag::Login,
    allow: "GET, POST, HEAD, OPTIONS",
    access: Access::Anyone,
    scope: Some(SCOPE),
    form: None,
    operations: &[
        Operation::new(Method::POST, "logout", "Log out", handler!(log_out), answers)
            .taking(LogoutForm::declared)
            .reading_refresh_cookie(),
        Operation::new(
            Method::GET,
            "logoutByLink",
            "Log out by following a link",
            handler!(log_out_on_get),
            answers_on_get,
        )
        .reading_refresh_cookie(),
    ],
};

form! {
    /// The refresh token that a logout revokes, if the configuration expects it in the body.
    pub(crate) struct LogoutForm(configuration) {
        refresh: Option<String> =
            text().optional().offered(schemes::refresh_is_asked_for(configuration)),
    }
}

fn answers(configuration: Configuration<'_>) -> Vec<outcome::PossibleAnswer> {
    let settings = &configuration.accounts.rest_auth;
    let session = settings.session_login.then(|| outcomes::session_cookie(configuration));
    let cookies = outcomes::jwt_cookies(configuration).into_iter().chain(session).collect();
    let done =
        outcome::PossibleAnswer::sentence(StatusCode::OK, &Message::LoggedOut).cookies(cookies);
    let nobody = outcome::PossibleAnswer::sentence(StatusCode::BAD_REQUEST, &Message::NotLoggedIn);
    let refused = settings.use_jwt.then(|| {
        let description = "The refresh token is missing or not valid.";
        outcome::PossibleAnswer::json::<Detail>(StatusCode::UNAUTHORIZED, description)
    });
    [done, nobody].into_iter().chain(refused).collect()
}

fn answers_on_get(configuration: Configuration<'_>) -> Vec<outcome::PossibleAnswer> {
    if configuration.accounts.account.logout_on_get { answers(configuration) } else { Vec::new() }
}

async fn log_out_on_get(request: ApiRequest) -> Result<Reply, ApiError> {
    if request.auth().settings().account.logout_on_get {
        return log_out(request).await;
    }
    Err(ApiError::MethodNotAllowed(request.method().to_string()))
}

async fn log_out(request: ApiRequest) -> Result<Reply, ApiError> {
    let shown = schemes::shown_at_logout(&request).await?;
    let reply = match logout::log_out(request.auth(), request.context(), shown).await? {
        LogoutResult::Done(message) => Reply::detail(StatusCode::OK, message),
        LogoutResult::Refused(message) => Reply::detail(StatusCode::UNAUTHORIZED, message),
        LogoutResult::NotLoggedIn => {
            return Ok(Reply::detail(StatusCode::BAD_REQUEST, Message::NotLoggedIn));
        }
    };
    Ok(schemes::logged_out(&request, reply))
}
