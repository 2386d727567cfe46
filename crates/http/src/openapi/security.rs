//! The credentials that a configuration accepts, and which of them each operation needs.

use axum::http::Method;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, Http, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};

use crate::endpoint::{Endpoint, Operation};
use crate::rules::access::Access;
use crate::settings::Configuration;
use crate::settings::rest_framework::Authentication;

const SESSION: &str = "session";
const TOKEN: &str = "token";
const BEARER: &str = "bearer";
const ACCESS_COOKIE: &str = "accessCookie";
const REFRESH_COOKIE: &str = "refreshCookie";
const BASIC: &str = "basic";
const CSRF: &str = "csrf";

/// Every kind of credentials, by the name that operations refer to it with.
pub(super) fn schemes(configuration: Configuration<'_>) -> Vec<(&'static str, SecurityScheme)> {
    let mut schemes = Vec::new();
    for class in configuration.usable_credentials() {
        match class {
            Authentication::Session => schemes.push((SESSION, session(configuration))),
            Authentication::Token => schemes.push((TOKEN, token())),
            Authentication::Jwt => schemes.push((BEARER, bearer(configuration))),
            Authentication::JwtCookie => {
                schemes.push((BEARER, bearer(configuration)));
                let about = "The access token that a login has set.";
                let name = configuration.access_cookie();
                schemes.extend(name.map(|name| (ACCESS_COOKIE, cookie(name, about))));
            }
            Authentication::Basic => {
                schemes.push((BASIC, SecurityScheme::Http(Http::new(HttpAuthScheme::Basic))));
            }
        }
    }
    let refresh = refresh_cookie(configuration);
    let about = "The refresh token that a login has set.";
    schemes.extend(refresh.map(|name| (REFRESH_COOKIE, cookie(name, about))));
    let mut classes = configuration.usable_credentials();
    let of_refresh = refresh.is_some() && configuration.http.csrf.check_refresh_cookie;
    if of_refresh || classes.any(|class| class_checks_csrf(class, configuration)) {
        schemes.push((CSRF, csrf(configuration)));
    }
    schemes
}

/// The cookie of the refresh token, where one is handed out.
fn refresh_cookie(configuration: Configuration<'_>) -> Option<&str> {
    configuration.refresh_cookie().filter(|_| configuration.accounts.rest_auth.use_jwt)
}

fn session(configuration: Configuration<'_>) -> SecurityScheme {
    cookie(configuration.session_cookie(), "The session that a login has set.")
}

fn token() -> SecurityScheme {
    let about = "`Token`, a space, and the token from a login.";
    SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description("Authorization", about)))
}

/// The word before an access token in the header `Authorization`.
pub(super) fn bearer_keyword(configuration: Configuration<'_>) -> &str {
    let keywords = &configuration.accounts.simple_jwt.auth_header_types;
    keywords.first().map_or("Bearer", String::as_str)
}

fn bearer(configuration: Configuration<'_>) -> SecurityScheme {
    let keyword = bearer_keyword(configuration);
    if keyword == "Bearer" {
        let builder = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT");
        let builder = builder.description(Some("The access token from a login."));
        return SecurityScheme::Http(builder.build());
    }
    let about = format!("`{keyword}`, a blank, and the access token that a login handed out.");
    SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(
        "Authorization".to_owned(),
        about,
    )))
}

fn cookie(name: &str, about: &str) -> SecurityScheme {
    SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(name, about)))
}

fn csrf(configuration: Configuration<'_>) -> SecurityScheme {
    let source = match configuration.csrf_cookie() {
        Some(cookie) => format!("The value of the cookie `{cookie}`"),
        None => "The CSRF token that `csrf/` answers with".to_owned(),
    };
    let about = format!("{source}. Required if the request is authenticated by a cookie.");
    let name = configuration.csrf_header();
    SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(name, about)))
}

/// What an operation needs: one of these.
pub(super) fn requirements(
    endpoint: &Endpoint,
    operation: &Operation,
    configuration: Configuration<'_>,
) -> Vec<SecurityRequirement> {
    let mut alternatives = Vec::new();
    let access = endpoint.access(&operation.method, configuration);
    if access != Access::LoggedIn {
        alternatives.push(SecurityRequirement::default());
    }
    if access != Access::Unauthenticated {
        let classes = configuration.usable_credentials();
        let of_class = |class| of_class(class, &operation.method, configuration);
        alternatives.extend(classes.flat_map(of_class));
    }
    if operation.reads_refresh_cookie && refresh_cookie(configuration).is_some() {
        // A logout needs no check: a forged one only ends the user's own session.
        let checked =
            access == Access::Unauthenticated && configuration.http.csrf.check_refresh_cookie;
        alternatives.push(needs(REFRESH_COOKIE, checked));
    }
    if alternatives == [SecurityRequirement::default()] {
        alternatives.clear();
    }
    alternatives
}

fn of_class(
    class: Authentication,
    method: &Method,
    configuration: Configuration<'_>,
) -> Vec<SecurityRequirement> {
    let checked = !method.is_safe() && class_checks_csrf(class, configuration);
    match class {
        Authentication::Session => vec![needs(SESSION, checked)],
        Authentication::Token => vec![needs(TOKEN, false)],
        Authentication::Jwt => vec![needs(BEARER, false)],
        Authentication::JwtCookie => {
            let cookie = configuration.access_cookie().map(|_| needs(ACCESS_COOKIE, checked));
            [needs(BEARER, false)].into_iter().chain(cookie).collect()
        }
        Authentication::Basic => vec![needs(BASIC, false)],
    }
}

fn needs(scheme: &str, and_csrf: bool) -> SecurityRequirement {
    const NO_SCOPES: [&str; 0] = [];
    let requirement = SecurityRequirement::new(scheme, NO_SCOPES);
    if and_csrf { requirement.add(CSRF, NO_SCOPES) } else { requirement }
}

/// Whether a request with this method may be refused for want of a CSRF token.
pub(super) fn checks_csrf(
    access: Access,
    method: &Method,
    configuration: Configuration<'_>,
) -> bool {
    access != Access::Unauthenticated
        && !method.is_safe()
        && configuration.usable_credentials().any(|class| class_checks_csrf(class, configuration))
}

fn class_checks_csrf(class: Authentication, configuration: Configuration<'_>) -> bool {
    let settings = &configuration.accounts.rest_auth;
    match class {
        Authentication::Session => true,
        Authentication::JwtCookie => {
            configuration.access_cookie().is_some()
                && (settings.jwt_auth_cookie_use_csrf
                    || settings.jwt_auth_cookie_enforce_csrf_on_unauthenticated)
        }
        Authentication::Token | Authentication::Jwt | Authentication::Basic => false,
    }
}
