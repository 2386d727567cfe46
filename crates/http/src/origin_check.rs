//! Protection against login CSRF: another site must not be able to log a visitor in to an account
//! that the site controls.

use axum::http::HeaderName;
use axum::http::header::ORIGIN;
use rest_auth_domain::csrf::{CsrfFailure, CsrfRequest, decide};
use rest_auth_domain::message::Message;

use crate::api_request::ApiRequest;
use crate::error::ApiError;
use crate::refusals;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// With `csrf.check_login_origin`, refuses a login, registration or password reset that a browser
/// says another site started. Clients other than browsers send neither header and are allowed.
pub(crate) fn refuse_foreign(request: &ApiRequest) -> Result<(), ApiError> {
    if !request.api().settings().csrf.check_login_origin {
        return Ok(());
    }
    let origin = request.header(&ORIGIN);
    if origin.is_none() && request.header(&SEC_FETCH_SITE).as_deref() != Some("cross-site") {
        return Ok(());
    }
    check(request, origin.as_deref().unwrap_or("null"))
}

fn check(request: &ApiRequest, origin: &str) -> Result<(), ApiError> {
    let shown = CsrfRequest {
        method: "POST",
        secure: request.origin().scheme.is_secure(),
        host: &request.origin().host,
        port: 0,
        origin: Some(origin),
        referer: None,
        secret: None,
        form_token: None,
        header_token: None,
    };
    match decide(&shown, request.api().csrf()) {
        Err(reason @ CsrfFailure::Origin(_)) => {
            refusals::csrf(request, &reason);
            Err(ApiError::forbidden(Message::CsrfFailed { reason }))
        }
        // The origin is trusted. A CSRF token is not required, because the visitor is not logged in
        // yet.
        _ => Ok(()),
    }
}
