//! Where credentials sit in a request and in an answer. No other file knows.

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use rest_auth_domain::authorization::{self, HeaderError};
use rest_auth_domain::cookie::{Cookie, CookieRules};
use rest_auth_domain::csrf::{CsrfSecret, header_name};
use rest_auth_domain::datetime;
use rest_auth_domain::message::Message;
use rest_auth_flows::User;
use rest_auth_flows::auth::Settings as FlowSettings;
use rest_auth_flows::credentials::{JwtPair, jwt, token};
use rest_auth_flows::current_session::OpenSession;
use rest_auth_flows::error::AuthError;
use rest_auth_flows::login::{self, LoggedIn};
use rest_auth_flows::logout::RefreshShown;
use rest_auth_flows::setup::SetupError;
use serde_json::{Map, Value};

use crate::api::Api;
use crate::api_request::ApiRequest;
use crate::csrf;
use crate::endpoint::Access;
use crate::error::ApiError;
use crate::input::Input;
use crate::reply::{Reply, SessionOutcome};
use crate::settings::RestFrameworkSettings;
use crate::settings::rest_framework::Authentication;

/// The authenticators of the configuration, in their order.
#[derive(Debug)]
pub(crate) struct Schemes {
    classes: Vec<Authentication>,
    challenge: Option<HeaderValue>,
    token_challenge: HeaderValue,
    bearer_header: HeaderName,
}

/// Who sent a request, and by what that is known.
#[derive(Debug, Default)]
pub(crate) struct Caller {
    /// The user, if anybody is logged in.
    pub(crate) user: Option<User>,
    /// What was shown.
    pub(crate) shown: Shown,
}

/// What a request showed of itself.
#[derive(Debug, Default)]
pub(crate) enum Shown {
    /// Nothing that counted.
    #[default]
    Nothing,
    /// A session.
    Session,
    /// An API token.
    Token(String),
    /// An access token.
    Access(Vec<u8>),
    /// A name and a password.
    Password,
}

impl Schemes {
    pub(crate) fn new(
        flows: &FlowSettings,
        settings: &RestFrameworkSettings,
    ) -> Result<Self, SetupError> {
        let keyword = flows.simple_jwt.auth_header_types.first().map_or("Bearer", String::as_str);
        let bearer = HeaderValue::from_str(&format!("{keyword} realm=\"api\""))
            .map_err(|e| SetupError::new("simple_jwt.auth_header_types", e.to_string()))?;
        let classes = settings.default_authentication_classes.clone();
        // The first authenticator alone decides how strangers are turned away.
        let challenge = match classes.first() {
            Some(Authentication::Token) => Some(HeaderValue::from_static("Token")),
            Some(Authentication::Basic) => Some(HeaderValue::from_static("Basic realm=\"api\"")),
            Some(Authentication::Jwt | Authentication::JwtCookie) => Some(bearer.clone()),
            Some(Authentication::Session) | None => None,
        };
        let name = &flows.simple_jwt.auth_header_name;
        let bearer_header = header_name(name)
            .parse()
            .ok()
            .ok_or_else(|| SetupError::new("simple_jwt.auth_header_name", "is not a header"))?;
        Ok(Self { classes, challenge, token_challenge: bearer, bearer_header })
    }

    /// The `WWW-Authenticate` of a refusal; none means that refusals are 403.
    pub(crate) fn challenge(&self, access: Access) -> Option<&HeaderValue> {
        match access {
            Access::Unauthenticated => Some(&self.token_challenge),
            Access::Anyone | Access::LoggedIn | Access::Registration => self.challenge.as_ref(),
        }
    }

    /// Where access tokens stand, `Authorization` unless configured otherwise.
    pub(crate) fn bearer_header(&self) -> &HeaderName {
        &self.bearer_header
    }

    pub(crate) fn classes(&self) -> &[Authentication] {
        &self.classes
    }
}

/// Asks the authenticators in their order. The first that finds its kind of credentials decides;
/// one that finds bad ones fails the request.
pub(crate) async fn authenticate(request: &ApiRequest, access: Access) -> Result<Caller, ApiError> {
    if access == Access::Unauthenticated {
        return Ok(Caller::default());
    }
    for class in request.api().schemes().classes() {
        let caller = match class {
            Authentication::Session => by_session(request).await?,
            Authentication::Token => by_token(request).await?,
            Authentication::Jwt => by_bearer(request).await?,
            Authentication::JwtCookie => by_bearer_or_cookie(request, access).await?,
            Authentication::Basic => by_password(request).await?,
        };
        if let Some(caller) = caller {
            return Ok(caller);
        }
    }
    Ok(Caller::default())
}

async fn by_session(request: &ApiRequest) -> Result<Option<Caller>, ApiError> {
    let Some(user) = request.session().await?.user.clone() else { return Ok(None) };
    csrf::check(request).await?;
    Ok(Some(Caller { user: Some(user), shown: Shown::Session }))
}

async fn by_token(request: &ApiRequest) -> Result<Option<Caller>, ApiError> {
    let Some(header) = request.header_bytes(&AUTHORIZATION) else { return Ok(None) };
    let Some(key) = authorization::token(header).map_err(bad_header)? else { return Ok(None) };
    let user = token::authenticate(request.auth(), key).await?;
    Ok(Some(Caller { user: Some(user), shown: Shown::Token(key.to_owned()) }))
}

async fn by_bearer(request: &ApiRequest) -> Result<Option<Caller>, ApiError> {
    let name = request.api().schemes().bearer_header();
    let Some(header) = request.header_bytes(name) else { return Ok(None) };
    let keywords = &request.auth().settings().simple_jwt.auth_header_types;
    let Some(shown) = authorization::jwt(header, keywords).map_err(bad_header)? else {
        return Ok(None);
    };
    let user = jwt::authenticate(request.auth(), shown).await?;
    Ok(Some(Caller { user: Some(user), shown: Shown::Access(shown.to_vec()) }))
}

/// Any header that could hold a token hides the cookie.
async fn by_bearer_or_cookie(
    request: &ApiRequest,
    access: Access,
) -> Result<Option<Caller>, ApiError> {
    if request.header_bytes(request.api().schemes().bearer_header()).is_some() {
        return by_bearer(request).await;
    }
    let Some(rules) = &request.api().cookies().access else { return Ok(None) };
    let shown = request.cookie(&rules.name);
    let settings = &request.auth().settings().rest_auth;
    if settings.jwt_auth_cookie_enforce_csrf_on_unauthenticated
        || (shown.is_some() && settings.jwt_auth_cookie_use_csrf)
    {
        csrf::check(request).await?;
    }
    let Some(shown) = shown else { return Ok(None) };
    match jwt::authenticate(request.auth(), shown.as_bytes()).await {
        Ok(user) => Ok(Some(Caller { user: Some(user), shown: Shown::Access(shown.into_bytes()) })),
        // A browser goes on sending a cookie whose token has expired; it must not bar its owner
        // from what is open to everybody, the login above all.
        Err(AuthError::Unauthenticated(_)) if access == Access::Anyone => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn by_password(request: &ApiRequest) -> Result<Option<Caller>, ApiError> {
    let Some(header) = request.header_bytes(&AUTHORIZATION) else { return Ok(None) };
    let Some(credentials) = authorization::basic(header).map_err(bad_header)? else {
        return Ok(None);
    };
    let password = credentials.password.to_string();
    let login = login::by_basic(request.auth(), request.context(), credentials.username, password);
    // Boxed, because it is much larger than what requests without a password need.
    let user = Box::pin(login).await?;
    Ok(Some(Caller { user: Some(user), shown: Shown::Password }))
}

fn bad_header(error: HeaderError) -> ApiError {
    let message = match error {
        HeaderError::TokenMissing => Message::TokenHeaderEmpty,
        HeaderError::TokenWithSpaces => Message::TokenHeaderSpaces,
        HeaderError::TokenNotText => Message::TokenHeaderCharacters,
        HeaderError::BasicMissing => Message::BasicHeaderEmpty,
        HeaderError::BasicWithSpaces => Message::BasicHeaderSpaces,
        HeaderError::BasicNotBase64 => Message::BasicHeaderEncoding,
        HeaderError::JwtNotTwoValues => {
            return AuthError::refused_with_code(Message::BearerHeaderParts).into();
        }
    };
    AuthError::refused(message).into()
}

/// The API token that the request was authenticated by.
pub(crate) fn shown_token(request: &ApiRequest) -> Option<&str> {
    match &request.known_caller()?.shown {
        Shown::Token(token) => Some(token),
        _ => None,
    }
}

/// The answer to a login, by what was handed out: JWTs with the user, a key, or nothing.
pub(crate) fn logged_in(request: &ApiRequest, done: LoggedIn) -> Reply {
    let with_ends = request.auth().settings().rest_auth.jwt_auth_return_expiration;
    handed_out(request, done, with_ends)
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

/// A new CSRF secret for a login, where sessions keep it.
pub(crate) fn session_csrf_secret(request: &ApiRequest) -> Option<String> {
    request
        .api()
        .settings()
        .csrf
        .use_sessions
        .then(|| CsrfSecret::generate(request.auth().random()).as_str().to_owned())
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

/// What everybody may see of himself: the columns that the original shows, and the fields that the
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
pub(crate) fn access_cookie(request: &ApiRequest, token: &str) -> Option<Cookie> {
    let age = request.auth().settings().simple_jwt.access_token_lifetime;
    token_cookie(request, request.api().cookies().access.as_ref(), token, age)
}

/// The cookie of a new refresh token, if one is configured.
pub(crate) fn refresh_cookie(request: &ApiRequest, token: &str) -> Option<Cookie> {
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
pub(crate) fn deleted_token_cookies(request: &ApiRequest) -> Vec<Cookie> {
    let cookies = request.api().cookies();
    cookies.access.iter().chain(&cookies.refresh).map(CookieRules::delete).collect()
}

/// The refresh token in its cookie.
pub(crate) fn shown_refresh_cookie(request: &ApiRequest) -> Option<String> {
    request.cookie(&request.api().cookies().refresh.as_ref()?.name)
}

/// Whether a logout takes the refresh token back.
pub(crate) fn refresh_is_revoked(api: &Api) -> bool {
    let settings = api.auth().settings();
    let is_remembered = settings.apps.token_blacklist || settings.simple_jwt.refresh_families;
    settings.rest_auth.use_jwt && is_remembered
}

/// Whether the refresh token is where no script can read it.
pub(crate) fn refresh_is_hidden(api: &Api) -> bool {
    api.auth().settings().rest_auth.jwt_auth_httponly && api.cookies().refresh.is_some()
}

/// The refresh token that a logout is to take back: in the cookie where scripts may not read it,
/// in the body where they may.
pub(crate) fn refresh_to_revoke(request: &ApiRequest) -> Result<OwnedRefresh, ApiError> {
    if !refresh_is_revoked(request.api()) {
        return Ok(OwnedRefresh::NotAsked);
    }
    if refresh_is_hidden(request.api()) {
        return Ok(
            shown_refresh_cookie(request).map_or(OwnedRefresh::NotInCookie, OwnedRefresh::Token)
        );
    }
    let input = Input::read(request)?;
    Ok(match input.fields().map(|fields| fields.get("refresh")) {
        Some(given) if !crate::input::is_absent(given) => {
            // Whatever is no text is no token.
            let text = input.fields().and_then(|fields| fields.raw_text("refresh"));
            OwnedRefresh::Token(text.unwrap_or_default())
        }
        _ => OwnedRefresh::NotInBody,
    })
}

/// [`RefreshShown`] with its own text.
#[derive(Debug)]
pub(crate) enum OwnedRefresh {
    NotAsked,
    NotInCookie,
    NotInBody,
    Token(String),
}

impl OwnedRefresh {
    pub(crate) fn as_shown(&self) -> RefreshShown<'_> {
        match self {
            Self::NotAsked => RefreshShown::NotAsked,
            Self::NotInCookie => RefreshShown::NotInCookie,
            Self::NotInBody => RefreshShown::NotInBody,
            Self::Token(token) => RefreshShown::Token(token),
        }
    }
}
