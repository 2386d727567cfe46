//! What was handed out, or ended, in an answer.

use axum::http::StatusCode;
use rest_auth_domain::cookie::{Cookie, CookieRules};
use rest_auth_domain::csrf::CsrfSecret;
use rest_auth_domain::datetime;
use rest_auth_flows::User;
use rest_auth_flows::credentials::JwtPair;
use rest_auth_flows::credentials::jwt::Refreshed;
use rest_auth_flows::current_session::OpenSession;
use rest_auth_flows::error::AuthError;
use rest_auth_flows::login::{LoggedIn, Outcome};
use serde_json::{Map, Value};

use crate::api_request::ApiRequest;
use crate::csrf;
use crate::error::ApiError;
use crate::reply::{Reply, SessionOutcome};

/// The answer to a login, by what was handed out: JWTs with the user, a key, or nothing. A login
/// that stopped at a step is refused, as dj-rest-auth does.
pub(crate) fn logged_in(request: &ApiRequest, outcome: Outcome) -> Result<Reply, ApiError> {
    match outcome {
        Outcome::LoggedIn(done) => {
            let with_ends = request.auth().settings().rest_auth.jwt_auth_return_expiration;
            Ok(handed_out(request, *done, with_ends))
        }
        Outcome::Step(pending) => Err(AuthError::from(pending).into()),
    }
}

/// The answer to a registration that logs in: 201, and never with the ends of JWTs.
pub(crate) fn registered(request: &ApiRequest, done: LoggedIn) -> Reply {
    let mut reply = handed_out(request, done, false);
    if reply.status == StatusCode::OK {
        reply.status = StatusCode::CREATED;
    }
    reply
}

fn handed_out(request: &ApiRequest, done: LoggedIn, with_ends: bool) -> Reply {
    let LoggedIn { user, issued, fields } = done;
    let reply = match (&issued.jwt, &issued.token) {
        (Some(pair), _) => {
            Reply::json(pair_document(request, pair, user_document(&user, fields), with_ends))
                .cookies(pair_cookies(request, pair))
        }
        (None, Some(token)) => Reply::json(serde_json::json!({ "key": token.as_str() })),
        (None, None) => Reply::no_content(),
    };
    match issued.session {
        Some(session) => with_session(request, reply, session),
        None => reply,
    }
}

/// Adds a new session and, since every login has one, a new CSRF secret.
fn with_session(request: &ApiRequest, reply: Reply, session: OpenSession) -> Reply {
    let reply = if request.api().settings().csrf.use_sessions {
        reply
    } else {
        let secret = CsrfSecret::generate(request.auth().random());
        reply.cookie(csrf::cookie(request, &secret))
    };
    reply.session(SessionOutcome::Set(session))
}

/// The answer to a refresh: the new tokens in the body and in their cookies.
pub(crate) fn refreshed(request: &ApiRequest, refreshed: Refreshed) -> Reply {
    let mut document = Map::new();
    let mut cookies = Vec::from_iter(access_cookie(request, &refreshed.access));
    let access_expiration = datetime::in_utc(refreshed.access_expires_at);
    document.insert("access".into(), refreshed.access.into());
    let mut refresh_expiration = None;
    if let Some(refresh) = refreshed.refresh {
        cookies.extend(refresh_cookie(request, &refresh.token));
        if !request.auth().settings().rest_auth.jwt_auth_httponly {
            document.insert("refresh".into(), refresh.token.into());
            refresh_expiration = Some(datetime::in_utc(refresh.expires_at));
        }
    }
    document.insert("access_expiration".into(), access_expiration.into());
    if let Some(expiration) = refresh_expiration {
        document.insert("refresh_expiration".into(), expiration.into());
    }
    Reply::json(document.into()).cookies(cookies)
}

/// The answer to a logout: the cookies of JWTs go, and that of the session where logins make one.
pub(crate) fn logged_out(request: &ApiRequest, reply: Reply) -> Reply {
    let reply = reply.cookies(deleted_token_cookies(request));
    let ends_session = request.auth().settings().rest_auth.session_login;
    if ends_session { reply.session(SessionOutcome::Ended) } else { reply }
}

/// The answer to a user who is gone: no cookie is of use.
pub(crate) fn deleted(request: &ApiRequest, reply: Reply) -> Reply {
    reply.cookies(deleted_token_cookies(request)).session(SessionOutcome::Ended)
}

fn pair_document(request: &ApiRequest, pair: &JwtPair, user: Value, with_ends: bool) -> Value {
    let settings = &request.auth().settings().rest_auth;
    let zone = request.auth().settings().i18n.time_zone;
    let mut document = Map::new();
    document.insert("access".into(), pair.access.as_str().into());
    // A script that may not read the cookie must not find the token in the body either.
    let refresh = if settings.jwt_auth_httponly { "" } else { pair.refresh.as_str() };
    document.insert("refresh".into(), refresh.into());
    document.insert("user".into(), user);
    if with_ends {
        let access = datetime::in_zone(pair.access_expires_at, zone);
        let refresh = datetime::in_zone(pair.refresh_expires_at, zone);
        document.insert("access_expiration".into(), access.into());
        document.insert("refresh_expiration".into(), refresh.into());
    }
    Value::Object(document)
}

/// What users see of themselves: the columns that dj-rest-auth shows, and the fields that the
/// configuration adds.
pub(crate) fn user_document(user: &User, fields: Map<String, Value>) -> Value {
    let mut document = Map::new();
    document.insert("pk".into(), user.id.into());
    document.insert("username".into(), user.username.as_str().into());
    document.insert("email".into(), user.email.as_str().into());
    document.insert("first_name".into(), user.first_name.as_str().into());
    document.insert("last_name".into(), user.last_name.as_str().into());
    document.extend(fields);
    Value::Object(document)
}

fn pair_cookies(request: &ApiRequest, pair: &JwtPair) -> Vec<Cookie> {
    access_cookie(request, &pair.access)
        .into_iter()
        .chain(refresh_cookie(request, &pair.refresh))
        .collect()
}

/// The cookie of a new access token, if one is configured.
fn access_cookie(request: &ApiRequest, token: &str) -> Option<Cookie> {
    let age = request.auth().settings().simple_jwt.access_token_lifetime;
    token_cookie(request, request.api().cookies().access.as_ref(), token, age)
}

/// The cookie of a new refresh token, if one is configured.
fn refresh_cookie(request: &ApiRequest, token: &str) -> Option<Cookie> {
    let age = request.auth().settings().simple_jwt.refresh_token_lifetime;
    token_cookie(request, request.api().cookies().refresh.as_ref(), token, age)
}

fn token_cookie(
    request: &ApiRequest,
    rules: Option<&CookieRules>,
    token: &str,
    lifetime: std::time::Duration,
) -> Option<Cookie> {
    let age = i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX);
    Some(rules?.set(token, Some(age), request.auth().now()))
}

/// Deletes both JWT cookies, whether the browser has them or not.
fn deleted_token_cookies(request: &ApiRequest) -> Vec<Cookie> {
    let cookies = request.api().cookies();
    cookies.access.iter().chain(&cookies.refresh).map(CookieRules::delete).collect()
}
