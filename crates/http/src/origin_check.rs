//! Login CSRF: another site must not log a visitor in as somebody else.

use axum::http::HeaderName;
use axum::http::header::ORIGIN;
use rest_auth_domain::csrf::{CsrfFailure, CsrfRequest, decide};
use rest_auth_domain::message::Message;

use crate::error::ApiError;
use crate::visit::Visit;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// With `csrf.check_login_origin`, refuses a login, registration or password reset that a browser
/// says another site started. Clients that are no browsers send neither header and pass.
pub(crate) fn refuse_foreign(visit: &Visit) -> Result<(), ApiError> {
    if !visit.site().settings().csrf.check_login_origin {
        return Ok(());
    }
    let origin = visit.header(&ORIGIN);
    if origin.is_none() && visit.header(&SEC_FETCH_SITE).as_deref() != Some("cross-site") {
        return Ok(());
    }
    check(visit, origin.as_deref().unwrap_or("null"))
}

fn check(visit: &Visit, origin: &str) -> Result<(), ApiError> {
    let request = CsrfRequest {
        method: "POST",
        secure: visit.origin().scheme.is_secure(),
        host: &visit.origin().host,
        port: 0,
        origin: Some(origin),
        referer: None,
        secret: None,
        form_token: None,
        header_token: None,
    };
    match decide(&request, visit.site().csrf()) {
        Err(reason @ CsrfFailure::Origin(_)) => {
            Err(ApiError::forbidden(Message::CsrfFailed { reason }))
        }
        // The origin is good; a token is not asked of strangers.
        _ => Ok(()),
    }
}
