//! Puts the credentials from a login or a refresh into the answer.

use axum::http::StatusCode;
use rest_auth_domain::cookie::{Cookie, CookieRules};
use rest_auth_domain::csrf::CsrfSecret;
use rest_auth_domain::datetime;
use rest_auth_flows::credentials;
use rest_auth_flows::credentials::jwt::Refreshed;
use rest_auth_flows::current_session::OpenSession;
use rest_auth_flows::error::AuthError;
use rest_auth_flows::login::{LoggedIn, Outcome, Pending, SetUpLogin};
use rest_auth_flows::trusted_browsers::BrowserToken;

use crate::answers::{
    JwtPair, NewRecoveryCodes, RefreshedTokens, SecondStep, TokenKey, UserDetails,
};
use crate::api_request::ApiRequest;
use crate::csrf;
use crate::error::ApiError;
use crate::reply::{Reply, SessionOutcome};

/// The most bytes of a cookie's name and value together (RFC 6265bis, section 5.6).
const LARGEST_COOKIE: usize = 4_096;

/// The answer to a login, by the kind of credentials: JWTs with the user, a token, or an empty
/// body. A login that is not complete is refused, as in dj-rest-auth.
pub(crate) fn logged_in(request: &ApiRequest, outcome: Outcome) -> Result<Reply, ApiError> {
    match outcome {
        Outcome::LoggedIn(done) => {
            let with_ends = request.auth().settings().rest_auth.jwt_auth_return_expiration;
            Ok(handed_out(request, *done, AnswerExtras { with_ends, ..AnswerExtras::default() }))
        }
        Outcome::Step(pending) => waiting(request, &pending),
    }
}

/// The answer to a login that waits for a step. One without a token to go on with is refused, as in
/// dj-rest-auth.
pub(crate) fn waiting(request: &ApiRequest, pending: &Pending) -> Result<Reply, ApiError> {
    let is_detailed = request.auth().settings().mfa.detailed_answers;
    match SecondStep::of(pending, is_detailed) {
        Some(step) => Ok(Reply::json(&step)),
        None => Err(AuthError::from(pending.step()).into()),
    }
}

/// The answer to a login that set a second factor up: that of a login, with the recovery codes.
pub(crate) fn set_up(request: &ApiRequest, done: SetUpLogin) -> Result<Reply, ApiError> {
    let SetUpLogin { outcome, recovery_codes } = done;
    let done = match outcome {
        Outcome::LoggedIn(done) => done,
        Outcome::Step(pending) => return waiting(request, &pending),
    };
    let with_ends = request.auth().settings().rest_auth.jwt_auth_return_expiration;
    Ok(handed_out(
        request,
        *done,
        AnswerExtras { with_ends, recovery_codes: Some(&recovery_codes) },
    ))
}

/// What an answer shows beside the credentials.
#[derive(Clone, Copy, Default)]
struct AnswerExtras<'c> {
    /// When JWTs expire.
    with_ends: bool,
    /// The recovery codes of an app or a passkey that was set up.
    recovery_codes: Option<&'c [String]>,
}

/// The answer to a registration that logs in: 201, without the times at which JWTs expire.
pub(crate) fn registered(request: &ApiRequest, done: LoggedIn) -> Reply {
    let mut reply = handed_out(request, done, AnswerExtras::default());
    if reply.status == StatusCode::OK {
        reply.status = StatusCode::CREATED;
    }
    reply
}

fn handed_out(request: &ApiRequest, done: LoggedIn, shown: AnswerExtras<'_>) -> Reply {
    let LoggedIn { user, issued, fields, browser } = done;
    let reply = match (&issued.jwt, &issued.token) {
        (Some(tokens), _) => {
            let user = UserDetails::new(&user, fields);
            Reply::json(&pair(request, tokens, user, shown)).cookies(pair_cookies(request, tokens))
        }
        (None, Some(token)) => {
            let recovery_codes = shown.recovery_codes;
            Reply::json(&TokenKey { key: token.as_str(), recovery_codes })
        }
        (None, None) => match shown.recovery_codes {
            Some(recovery_codes) => Reply::json(&NewRecoveryCodes { recovery_codes }),
            None => Reply::no_content(),
        },
    };
    let reply = reply.cookies(browser.map(|browser| browser_cookie(request, &browser)));
    let reply = reply.handing_out();
    match issued.session {
        Some(session) => with_session(request, reply, session),
        None => reply,
    }
}

/// The cookie of a browser that is trusted from now on.
fn browser_cookie(request: &ApiRequest, browser: &BrowserToken) -> Cookie {
    let age = request.auth().settings().mfa.trust_cookie_age.as_secs();
    let age = i64::try_from(age).unwrap_or(i64::MAX);
    request.api().cookies().browser.set(browser.as_str(), Some(age), request.auth().now())
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

/// The tokens for the body; the refresh token only where scripts may read it.
fn pair<'a>(
    request: &ApiRequest,
    tokens: &'a credentials::JwtPair,
    user: UserDetails<'a>,
    shown: AnswerExtras<'a>,
) -> JwtPair<'a> {
    let zone = request.auth().settings().i18n.time_zone;
    let end = |end| shown.with_ends.then(|| datetime::in_zone(end, zone));
    // A script that may not read the cookie must not find the token in the body either.
    let is_hidden = request.auth().settings().rest_auth.jwt_auth_httponly;
    JwtPair {
        access: &tokens.access,
        refresh: if is_hidden { "" } else { &tokens.refresh },
        user,
        access_expiration: end(tokens.access_expires_at),
        refresh_expiration: end(tokens.refresh_expires_at),
        recovery_codes: shown.recovery_codes,
    }
}

/// The answer to a refresh: the new tokens, in the body and in the cookies that are configured.
pub(crate) fn refreshed(request: &ApiRequest, refreshed: &Refreshed) -> Reply {
    let refresh = refreshed.refresh.as_ref();
    let is_hidden = request.auth().settings().rest_auth.jwt_auth_httponly;
    let readable = refresh.filter(|_| !is_hidden);
    let document = RefreshedTokens {
        access: &refreshed.access,
        refresh: readable.map(|refresh| refresh.token.as_str()),
        access_expiration: datetime::in_utc(refreshed.access_expires_at),
        refresh_expiration: readable.map(|refresh| datetime::in_utc(refresh.expires_at)),
    };
    let cookies = access_cookie(request, &refreshed.access).into_iter();
    let renewed = refresh.and_then(|refresh| refresh_cookie(request, &refresh.token));
    Reply::json(&document).cookies(cookies.chain(renewed)).handing_out()
}

fn pair_cookies(request: &ApiRequest, pair: &credentials::JwtPair) -> Vec<Cookie> {
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
    let (rules, age) = (rules?, i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX));
    let bytes = rules.name.len() + token.len();
    if bytes > LARGEST_COOKIE {
        let cookie = rules.name.as_str();
        tracing::warn!(
            event = "cookie_too_large",
            cookie,
            bytes,
            "browsers drop a cookie above 4096 bytes: `simple_jwt.claims` asks for too much"
        );
    }
    Some(rules.set(token, Some(age), request.auth().now()))
}

/// The answer to a logout. It deletes the cookies of JWTs, and the session cookie if logins make
/// sessions.
pub(crate) fn logged_out(request: &ApiRequest, reply: Reply) -> Reply {
    let reply = reply.cookies(deleted_token_cookies(request));
    let ends_session = request.auth().settings().rest_auth.session_login;
    if ends_session { reply.session(SessionOutcome::Ended) } else { reply }
}

/// The answer to a user who has deleted the account. It deletes all cookies.
pub(crate) fn deleted(request: &ApiRequest, reply: Reply) -> Reply {
    reply.cookies(deleted_token_cookies(request)).session(SessionOutcome::Ended)
}

/// Deletes both JWT cookies, whether the browser has them or not.
fn deleted_token_cookies(request: &ApiRequest) -> Vec<Cookie> {
    request.api().cookies().of_jwts().map(CookieRules::delete).collect()
}
