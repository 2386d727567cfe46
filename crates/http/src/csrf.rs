//! CSRF protection: where a request carries the token, and how the cookie is set.

use axum::http::header::{ORIGIN, REFERER};
use axum::http::{HeaderName, Method};
use rest_auth_domain::cookie::Cookie;
use rest_auth_domain::csrf::{CsrfRequest, CsrfSecret, decide, decide_before_body};
use rest_auth_domain::message::Message;

use crate::api::Api;
use crate::api_request::ApiRequest;
use crate::error::ApiError;
use crate::input::{Input, MediaType};
use crate::refusals;
use crate::settings::rest_framework::BodyParser;

/// The form field of Django's own forms.
const FORM_FIELD: &str = "csrfmiddlewaretoken";

/// Refuses a request that another site may have made with this browser's cookies.
///
/// # Errors
/// 403 with the first reason that Django finds; those of reading the body of a POST.
pub(crate) async fn check(request: &ApiRequest) -> Result<(), ApiError> {
    let api = request.api();
    let rules = api.csrf();
    let secret = if api.settings().csrf.use_sessions {
        let session = request.session().await?.session.as_ref();
        session.and_then(|session| session.data.csrf_secret()).map(str::to_owned)
    } else {
        request.cookie(&api.cookies().csrf.name)
    };
    let header = HeaderName::from_bytes(rules.header().as_bytes()).ok();
    let header_token = header.as_ref().and_then(|name| request.header(name));
    let origin = request.header(&ORIGIN);
    let referer = request.header(&REFERER);
    let secure = request.origin().scheme.is_secure();
    let shown = CsrfRequest {
        method: request.method().as_str(),
        secure,
        host: &request.origin().host,
        port: port_of(&request.origin().host, secure),
        origin: origin.as_deref(),
        referer: referer.as_deref(),
        secret: secret.as_deref(),
        form_token: None,
        header_token: header_token.as_deref(),
    };
    let refused = |reason| {
        refusals::csrf(request, &reason);
        ApiError::forbidden(Message::CsrfFailed { reason })
    };
    decide_before_body(&shown, rules).map_err(refused)?;
    // Django reads the body of a POST to look for the token there first, so that a body that cannot
    // be read is told before a token that is wrong.
    let form_token = if request.method() == Method::POST { form_token(request)? } else { None };
    decide(&CsrfRequest { form_token: form_token.as_deref(), ..shown }, rules).map_err(refused)
}

/// The cookie with a secret.
pub(crate) fn cookie(request: &ApiRequest, secret: &CsrfSecret) -> Cookie {
    cookie_of_secret(request.api(), secret)
}

/// The cookie with a secret, where no endpoint is known.
pub(crate) fn cookie_of_secret(api: &Api, secret: &CsrfSecret) -> Cookie {
    let age = api.settings().csrf.cookie_age.and_then(|age| i64::try_from(age.as_secs()).ok());
    api.cookies().csrf.set(secret.as_str(), age, api.auth().now())
}

/// The secret that the browser has, or a new one.
pub(crate) fn current_or_new(request: &ApiRequest) -> CsrfSecret {
    let current = request.cookie(&request.api().cookies().csrf.name);
    current
        .and_then(|text| CsrfSecret::parse(&text).ok())
        .unwrap_or_else(|| CsrfSecret::generate(request.auth().random()))
}

/// The token in a form; JSON has none.
///
/// # Errors
/// Those of reading the body, of whichever type.
fn form_token(request: &ApiRequest) -> Result<Option<String>, ApiError> {
    let input = Input::read(request)?;
    let media_type = MediaType::parse(&request.content_type());
    let is_form = [BodyParser::Form, BodyParser::Multipart].map(BodyParser::media_type);
    if !is_form.into_iter().any(|form| media_type.is(form)) {
        return Ok(None);
    }
    Ok(input.fields().and_then(|fields| fields.raw_text(FORM_FIELD)))
}

fn port_of(host: &str, secure: bool) -> u16 {
    let usual = if secure { 443 } else { 80 };
    match host.rsplit_once(':') {
        Some((_, port)) if !port.contains(']') => port.parse().unwrap_or(usual),
        _ => usual,
    }
}
