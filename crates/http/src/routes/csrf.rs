//! `csrf/`: hands out the CSRF cookie to a page that has none yet.

use axum::http::{HeaderName, HeaderValue, Method};
use rest_auth_domain::csrf::CsrfSecret;
use rest_auth_domain::session::SessionData;
use rest_auth_flows::credentials::session;

use crate::api_request::ApiRequest;
use crate::csrf;
use crate::endpoint::outcome::Outcome;
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

fn answers(configuration: Configuration<'_>) -> Vec<Outcome> {
    let outcome = Outcome::no_content("The token is set.");
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
    let auth = request.auth();
    let current = request.session().await?.session.clone();
    let known = current.as_ref().and_then(|session| session.data.csrf_secret());
    if let Some(secret) = known.and_then(|text| CsrfSecret::parse(text).ok()) {
        return Ok(with_token(&request, &secret));
    }
    let secret = CsrfSecret::generate(auth.random());
    let session = match current {
        Some(mut session) => {
            session.data.set_csrf_secret(secret.as_str());
            session::save(auth, &session).await?
        }
        None => None,
    };
    let session = if let Some(session) = session {
        session
    } else {
        let mut data = SessionData::default();
        data.set_csrf_secret(secret.as_str());
        session::begin(auth, request.context(), data).await?
    };
    Ok(with_token(&request, &secret).session(SessionOutcome::Set(session)))
}

/// Each answer has its own mask, so that compression does not reveal the secret.
fn with_token(request: &ApiRequest, secret: &CsrfSecret) -> Reply {
    let token = HeaderValue::from_str(&secret.masked(request.auth().random()));
    match token {
        Ok(token) => Reply::no_content().header(X_CSRFTOKEN, token),
        Err(_) => Reply::no_content(),
    }
}
