//! The credentials that a configuration accepts, and which of them each operation needs.

use axum::http::Method;
use rest_auth_domain::cookie::CookieRules;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, Http, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};

use crate::api::Api;
use crate::endpoint::{Access, Endpoint, Operation};
use crate::settings::rest_framework::Authentication;

const SESSION: &str = "session";
const TOKEN: &str = "token";
const BEARER: &str = "bearer";
const ACCESS_COOKIE: &str = "accessCookie";
const REFRESH_COOKIE: &str = "refreshCookie";
const BASIC: &str = "basic";
const CSRF: &str = "csrf";

/// Every kind of credentials, by the name that operations refer to it with.
pub(super) fn schemes(api: &Api) -> Vec<(&'static str, SecurityScheme)> {
    let mut schemes = Vec::new();
    for class in api.schemes().classes() {
        match class {
            Authentication::Session => schemes.push((SESSION, session(api))),
            Authentication::Token => schemes.push((TOKEN, token())),
            Authentication::Jwt => schemes.push((BEARER, bearer(api))),
            Authentication::JwtCookie => {
                schemes.push((BEARER, bearer(api)));
                let about = "The access token, as a login sets it.";
                let rules = api.cookies().access.as_ref();
                schemes.extend(rules.map(|rules| (ACCESS_COOKIE, cookie(&rules.name, about))));
            }
            Authentication::Basic => {
                schemes.push((BASIC, SecurityScheme::Http(Http::new(HttpAuthScheme::Basic))));
            }
        }
    }
    let refresh = refresh_cookie(api);
    let about = "The refresh token, as a login sets it.";
    schemes.extend(refresh.map(|rules| (REFRESH_COOKIE, cookie(&rules.name, about))));
    let classes = &mut api.schemes().classes().iter();
    let of_refresh = refresh.is_some() && api.settings().csrf.check_refresh_cookie;
    if of_refresh || classes.any(|class| class_checks_csrf(*class, api)) {
        schemes.push((CSRF, csrf(api)));
    }
    schemes
}

/// The cookie of the refresh token, where one is handed out.
fn refresh_cookie(api: &Api) -> Option<&CookieRules> {
    api.cookies().refresh.as_ref().filter(|_| api.auth().settings().rest_auth.use_jwt)
}

fn session(api: &Api) -> SecurityScheme {
    cookie(&api.cookies().session.name, "The session, as a login sets it.")
}

fn token() -> SecurityScheme {
    let about = "`Token`, a blank, and the key that a login handed out.";
    SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description("Authorization", about)))
}

fn bearer(api: &Api) -> SecurityScheme {
    let keywords = &api.auth().settings().simple_jwt.auth_header_types;
    let keyword = keywords.first().map_or("Bearer", String::as_str);
    if keyword == "Bearer" {
        let builder = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT");
        let builder = builder.description(Some("The access token that a login handed out."));
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

fn csrf(api: &Api) -> SecurityScheme {
    let cookie = &api.cookies().csrf.name;
    let about = if api.settings().csrf.use_sessions {
        "The CSRF token that `csrf/` answers with, wherever a cookie says who sends the request."
            .to_owned()
    } else {
        format!("The value of the cookie `{cookie}`, wherever a cookie says who sends the request.")
    };
    let name = api.csrf().header().to_owned();
    SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(name, about)))
}

/// What an operation needs: one of these.
pub(super) fn requirements(
    endpoint: &Endpoint,
    operation: &Operation,
    api: &Api,
) -> Vec<SecurityRequirement> {
    let mut alternatives = Vec::new();
    let access = endpoint.access(api);
    if access != Access::LoggedIn {
        alternatives.push(SecurityRequirement::default());
    }
    if access != Access::Unauthenticated {
        let classes = api.schemes().classes().iter();
        alternatives.extend(classes.flat_map(|class| of_class(*class, &operation.method, api)));
    }
    if operation.reads_refresh_cookie && refresh_cookie(api).is_some() {
        // Whoever logs out with it harms nobody but himself.
        let checked = access == Access::Unauthenticated && api.settings().csrf.check_refresh_cookie;
        alternatives.push(needs(REFRESH_COOKIE, checked));
    }
    if alternatives == [SecurityRequirement::default()] {
        alternatives.clear();
    }
    alternatives
}

fn of_class(class: Authentication, method: &Method, api: &Api) -> Vec<SecurityRequirement> {
    let checked = !method.is_safe() && class_checks_csrf(class, api);
    match class {
        Authentication::Session => vec![needs(SESSION, checked)],
        Authentication::Token => vec![needs(TOKEN, false)],
        Authentication::Jwt => vec![needs(BEARER, false)],
        Authentication::JwtCookie => {
            let cookie = api.cookies().access.as_ref().map(|_| needs(ACCESS_COOKIE, checked));
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
pub(super) fn checks_csrf(access: Access, method: &Method, api: &Api) -> bool {
    access != Access::Unauthenticated
        && !method.is_safe()
        && api.schemes().classes().iter().any(|class| class_checks_csrf(*class, api))
}

fn class_checks_csrf(class: Authentication, api: &Api) -> bool {
    let settings = &api.auth().settings().rest_auth;
    match class {
        Authentication::Session => true,
        Authentication::JwtCookie => {
            api.cookies().access.is_some()
                && (settings.jwt_auth_cookie_use_csrf
                    || settings.jwt_auth_cookie_enforce_csrf_on_unauthenticated)
        }
        Authentication::Token | Authentication::Jwt | Authentication::Basic => false,
    }
}
