//! CSRF protection: where a request carries the token, and how the cookie is set.

use axum::http::HeaderName;
use axum::http::header::{ORIGIN, REFERER};
use rest_auth_domain::cookie::Cookie;
use rest_auth_domain::csrf::{CsrfFailure, CsrfRequest, CsrfSecret, decide};
use rest_auth_domain::message::Message;

use crate::api_request::ApiRequest;
use crate::error::ApiError;
use crate::input::Input;

/// The form field of Django's own forms.
const FORM_FIELD: &str = "csrfmiddlewaretoken";

/// Refuses a request that another site may have made with this browser's cookies.
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
    // Most requests carry the token in the header; only then a body has to be read for it.
    let verdict = match decide(&shown, rules) {
        Err(_) if is_form(request) => {
            let form_token = form_token(request);
            decide(&CsrfRequest { form_token: form_token.as_deref(), ..shown }, rules)
        }
        verdict => verdict,
    };
    verdict.map_err(|reason| {
        if matches!(reason, CsrfFailure::Cookie(_)) {
            request.reset_csrf();
        }
        ApiError::forbidden(Message::CsrfFailed { reason })
    })
}

/// The cookie with a secret.
pub(crate) fn cookie(request: &ApiRequest, secret: &CsrfSecret) -> Cookie {
    let settings = &request.api().settings().csrf;
    let age = settings.cookie_age.and_then(|age| i64::try_from(age.as_secs()).ok());
    request.api().cookies().csrf.set(secret.as_str(), age, request.auth().now())
}

/// The secret that the browser has, or a new one.
pub(crate) fn current_or_new(request: &ApiRequest) -> CsrfSecret {
    let current = request.cookie(&request.api().cookies().csrf.name);
    current
        .and_then(|text| CsrfSecret::parse(&text).ok())
        .unwrap_or_else(|| CsrfSecret::generate(request.auth().random()))
}

fn is_form(request: &ApiRequest) -> bool {
    let content_type = request.content_type().to_ascii_lowercase();
    content_type.starts_with("application/x-www-form-urlencoded")
        || content_type.starts_with("multipart/form-data")
}

fn form_token(request: &ApiRequest) -> Option<String> {
    Input::read(request).ok()?.fields()?.raw_text(FORM_FIELD)
}

fn port_of(host: &str, secure: bool) -> u16 {
    let usual = if secure { 443 } else { 80 };
    match host.rsplit_once(':') {
        Some((_, port)) if !port.contains(']') => port.parse().unwrap_or(usual),
        _ => usual,
    }
}
