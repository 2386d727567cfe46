//! `csrf/`: hands out the CSRF cookie to a page that has none yet.

use axum::http::{HeaderName, HeaderValue, Method};
use rest_auth_domain::csrf::CsrfSecret;
use rest_auth_flows::csrf as csrf_flow;

use crate::api_request::ApiRequest;
use crate::csrf;
use crate::endpoint::outcome::PossibleAnswer;
use crate::endpoint::outcomes;
use crate::endpoint::tag::Tag;
use crate::endpoint::{Endpoint, Operation, handler};
use crate::error::ApiError;
use crate::reply::{Reply, SessionOutcome};
use crate::rules::access::Access;
use crate::settings::Configuration;

pub(crate) const CSRF: Endpoint = Endpoint {
    path: "csrf/",
    name: "Csrf",
    description: "Set the CSRF cookie. Requests that change something send its value back in a header.",
    tag: Tag::Browser,
    allow: "GET, HEAD, OPTIONS",
    access: Access::Unauthenticated,
    scope: None,
    form: None,
    operations: &[Operation::new(
        Method::GET,
        "getCsrfToken",
        "Get a CSRF token",
        handler!(hand_out),
        answers,
    )],
};

fn answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let outcome = PossibleAnswer::no_content("The token is set.");
    vec![match outcomes::csrf_cookie(configuration) {
        Some(cookie) => outcome.cookies(vec![cookie]),
        None => outcome
            .header("X-CSRFToken", "The CSRF token, with a new mask in each answer.")
            .cookies(vec![outcomes::session_cookie(configuration)]),
    }]
}

/// Carries the token if the secret is kept in the session instead of a cookie.
const X_CSRFTOKEN: HeaderName = HeaderName::from_static("x-csrftoken");

async fn hand_out(request: ApiRequest) -> Result<Reply, ApiError> {
    if request.api().settings().csrf.use_sessions {
        return from_session(request).await;
    }
    let secret = csrf::current_or_new(&request);
    Ok(Reply::no_content().cookie(csrf::cookie(&request, &secret)))
}

async fn from_session(request: ApiRequest) -> Result<Reply, ApiError> {
    let current = request.session().await?.session.clone();
    let kept = csrf_flow::secret_of_session(request.auth(), request.context(), current);
    let (secret, changed) = kept.await?;
    let reply = with_token(&request, &secret);
    Ok(match changed {
        Some(session) => reply.session(SessionOutcome::Set(session)),
        None => reply,
    })
}

/// Each answer has its own mask, so that compression does not reveal the secret.
fn with_token(request: &ApiRequest, secret: &CsrfSecret) -> Reply {
    let token = HeaderValue::from_str(&secret.masked(request.auth().random()));
    match token {
        Ok(token) => Reply::no_content().header(X_CSRFTOKEN, token),
        Err(_) => Reply::no_content(),
    }
}
