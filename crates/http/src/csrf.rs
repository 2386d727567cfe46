//! CSRF protection: where the token sits in a request and how its cookie is set.

use axum::http::HeaderName;
use axum::http::header::{ORIGIN, REFERER};
use rest_auth_domain::cookie::Cookie;
use rest_auth_domain::csrf::{CsrfFailure, CsrfRequest, CsrfSecret, decide};
use rest_auth_domain::message::Message;

use crate::error::ApiError;
use crate::input::Input;
use crate::visit::Visit;

/// The form field of Django's own forms.
const FORM_FIELD: &str = "csrfmiddlewaretoken";

/// Refuses a request that another site may have made with this browser's cookies.
pub(crate) async fn check(visit: &Visit) -> Result<(), ApiError> {
    let site = visit.site();
    let rules = site.csrf();
    let secret = if site.settings().csrf.use_sessions {
        let session = visit.session().await?.session.as_ref();
        session.and_then(|session| session.data.csrf_secret()).map(str::to_owned)
    } else {
        visit.cookie(&site.cookies().csrf.name)
    };
    let header = HeaderName::from_bytes(rules.header().as_bytes()).ok();
    let header_token = header.as_ref().and_then(|name| visit.header(name));
    let origin = visit.header(&ORIGIN);
    let referer = visit.header(&REFERER);
    let secure = visit.origin().scheme.is_secure();
    let request = CsrfRequest {
        method: visit.method().as_str(),
        secure,
        host: &visit.origin().host,
        port: port_of(&visit.origin().host, secure),
        origin: origin.as_deref(),
        referer: referer.as_deref(),
        secret: secret.as_deref(),
        form_token: None,
        header_token: header_token.as_deref(),
    };
    // Most requests carry the token in the header; only then a body has to be read for it.
    let verdict = match decide(&request, rules) {
        Err(_) if is_form(visit) => {
            let form_token = form_token(visit);
            decide(&CsrfRequest { form_token: form_token.as_deref(), ..request }, rules)
        }
        verdict => verdict,
    };
    verdict.map_err(|reason| {
        if matches!(reason, CsrfFailure::Cookie(_)) {
            visit.reset_csrf();
        }
        ApiError::forbidden(Message::CsrfFailed { reason })
    })
}

/// The cookie that hands a secret out.
pub(crate) fn cookie(visit: &Visit, secret: &CsrfSecret) -> Cookie {
    let settings = &visit.site().settings().csrf;
    let age = settings.cookie_age.and_then(|age| i64::try_from(age.as_secs()).ok());
    visit.site().cookies().csrf.set(secret.as_str(), age, visit.auth().now())
}

/// The secret that the browser has, or a new one.
pub(crate) fn current_or_new(visit: &Visit) -> CsrfSecret {
    let current = visit.cookie(&visit.site().cookies().csrf.name);
    current
        .and_then(|text| CsrfSecret::parse(&text).ok())
        .unwrap_or_else(|| CsrfSecret::generate(visit.auth().random()))
}

fn is_form(visit: &Visit) -> bool {
    let content_type = visit.content_type().to_ascii_lowercase();
    content_type.starts_with("application/x-www-form-urlencoded")
        || content_type.starts_with("multipart/form-data")
}

fn form_token(visit: &Visit) -> Option<String> {
    Input::read(visit).ok()?.fields()?.raw_text(FORM_FIELD)
}

fn port_of(host: &str, secure: bool) -> u16 {
    let usual = if secure { 443 } else { 80 };
    match host.rsplit_once(':') {
        Some((_, port)) if !port.contains(']') => port.parse().unwrap_or(usual),
        _ => usual,
    }
}
