//! The page that verifies an address.

use axum::http::StatusCode;
use rest_auth_flows::email_verification;
use rest_auth_flows::error::AuthError;

use super::html::{self, HtmlForm};
use super::page::{Speech, dead};
use crate::api_request::ApiRequest;
use crate::error::ApiError;
use crate::reply::Reply;
use crate::routes::registration::VERIFY_EMAIL;
use crate::throttle;

pub(super) async fn show(request: &ApiRequest, speech: Speech<'_>) -> Result<Reply, AuthError> {
    let words = speech.words;
    if !email_verification::is_open(request.auth(), request.path_text("key")).await? {
        return Ok(dead(StatusCode::NOT_FOUND, speech, words.ask_again));
    }
    let form = HtmlForm { fields: &[], problems: &[], button: words.verify_button, words };
    let content = html::paragraph(words.verify) + &form.written();
    Ok(speech.page(StatusCode::OK, words.verify_title, &content))
}

pub(super) async fn post(request: &ApiRequest, speech: Speech<'_>) -> Result<Reply, ApiError> {
    throttle::check(request, &VERIFY_EMAIL).await?;
    let words = speech.words;
    let key = request.path_text("key");
    // Looked up before the flow, so that it goes on if it is the same user's.
    request.session().await?;
    match email_verification::verify(request.auth(), request.context(), key).await {
        Ok(renewed) => {
            let done = speech.says(StatusCode::OK, words.verified_title, words.close);
            Ok(done.renewing(renewed))
        }
        Err(AuthError::NotFound) => Ok(dead(StatusCode::NOT_FOUND, speech, words.ask_again)),
        Err(error) => Err(error.into()),
    }
}
