//! One request to a page.

use std::sync::LazyLock;

use axum::body::Body as Bytes;
use axum::extract::Request;
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use axum::http::{HeaderValue, Method, Response, StatusCode};

use super::page::Speech;
use super::{html, invitation, reset, verification};
use crate::api::Api;
use crate::api_request::ApiRequest;
use crate::dispatch::settle_session;
use crate::error::ApiError;
use crate::negotiation::Representation;
use crate::path_parameters::PathParameters;
use crate::render::{Writing, render};
use crate::reply::{Body, Reply};

/// Nothing but the page itself: its style, and a form that leads back to it.
static POLICY: LazyLock<Option<HeaderValue>> = LazyLock::new(|| {
    let policy = format!(
        "default-src 'none'; style-src '{}'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'",
        html::digest_of_style()
    );
    HeaderValue::from_str(&policy).ok()
});

/// What a link is for.
#[derive(Clone, Copy, Debug)]
pub(super) enum LinkPage {
    /// To verify an address.
    Verification,
    /// To choose a new password.
    Reset,
    /// To register with an invitation.
    Invitation,
}

/// Answers a request to a page.
pub(super) async fn answer(
    api: Api,
    page: LinkPage,
    parameters: PathParameters,
    request: Request,
) -> Response<Bytes> {
    let (head, body) = request.into_parts();
    let request = ApiRequest::read(api, head, parameters, body).await;
    let speech = Speech::of(&request);
    let answered = match *request.method() {
        Method::GET | Method::HEAD => show(page, &request, speech).await,
        Method::POST => post(page, &request, speech).await,
        _ => Err(ApiError::MethodNotAllowed(request.method().to_string())),
    };
    let mut reply = answered.unwrap_or_else(|error| failed(error, speech));
    if let Err(error) = settle_session(&request, &mut reply).await {
        reply = failed(error.into(), speech);
    }
    let representation = Representation::fallback(request.api().renderers());
    let form_key = request.configuration().non_field_errors_key();
    let writing = Writing { representation, language: speech.language, form_key, name: "" };
    let mut response = render(reply, writing);
    guard(&mut response);
    if request.method() == Method::HEAD {
        *response.body_mut() = Bytes::empty();
    }
    response
}

/// Shows what can be done with a link, which is not used up by that; whoever opens one that works no
/// more learns it before they type anything.
async fn show(page: LinkPage, request: &ApiRequest, speech: Speech<'_>) -> Result<Reply, ApiError> {
    Ok(match page {
        LinkPage::Verification => verification::show(request, speech).await?,
        LinkPage::Reset => reset::show(request, speech).await?,
        LinkPage::Invitation => invitation::show(request, speech).await?,
    })
}

async fn post(page: LinkPage, request: &ApiRequest, speech: Speech<'_>) -> Result<Reply, ApiError> {
    match page {
        LinkPage::Verification => verification::post(request, speech).await,
        LinkPage::Reset => reset::post(request, speech).await,
        LinkPage::Invitation => invitation::post(request, speech).await,
    }
}

/// The page about an error that has no place in a form, with the status and the headers that the
/// API answers with.
fn failed(error: ApiError, speech: Speech<'_>) -> Reply {
    let Reply { status, body, headers, .. } = error.into_reply(None);
    let sentence = match body {
        Body::Detail(message) => message.text(speech.language),
        _ => "".into(),
    };
    let page = speech.says(status, speech.words.failed_title, &sentence);
    Reply { headers, ..page }
}

/// Nobody else gets at a page or at its address, which has the secret in it.
fn guard(response: &mut Response<Bytes>) {
    let is_refused = response.status() == StatusCode::METHOD_NOT_ALLOWED;
    let headers = response.headers_mut();
    if let Some(policy) = &*POLICY {
        headers.insert(CONTENT_SECURITY_POLICY, policy.clone());
    }
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if is_refused {
        headers.insert(ALLOW, HeaderValue::from_static("GET, POST, HEAD"));
    }
}
