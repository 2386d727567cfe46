//! Where credentials sit in a request and in an answer. No file outside this folder knows.
//!
//! Here the authenticators find who sent a request; `refresh_token` finds the refresh token of a
//! refresh or logout, and `answers` puts what was handed out, or ended, into the answer.

mod answers;
mod refresh_token;

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderName, HeaderValue};
use rest_auth_domain::authorization::{self, HeaderError};
use rest_auth_domain::csrf::{CsrfSecret, header_name};
use rest_auth_domain::message::Message;
use rest_auth_flows::User;
use rest_auth_flows::credentials::{jwt, token};
use rest_auth_flows::error::{AuthError, SetupError};
use rest_auth_flows::login;
use rest_auth_flows::settings::Settings as FlowSettings;

use crate::api_request::ApiRequest;
use crate::csrf;
use crate::endpoint::Access;
use crate::error::ApiError;
use crate::settings::RestFrameworkSettings;
use crate::settings::rest_framework::Authentication;

pub(crate) use answers::{deleted, logged_in, logged_out, refreshed, registered, user_document};
pub(crate) use refresh_token::{
    refresh_is_hidden, refresh_is_revoked, refresh_token, shown_at_logout,
};

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

/// A new CSRF secret for a login, where sessions keep it.
pub(crate) fn session_csrf_secret(request: &ApiRequest) -> Option<String> {
    request
        .api()
        .settings()
        .csrf
        .use_sessions
        .then(|| CsrfSecret::generate(request.auth().random()).as_str().to_owned())
}
