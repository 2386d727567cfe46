//! The way of every request through an endpoint, in DRF's order: representation, authentication,
//! permission, throttles, method, and then the handler with the body.

use axum::body::Body as Bytes;
use axum::extract::Request;
use axum::http::header::{ALLOW, CACHE_CONTROL, VARY};
use axum::http::{HeaderValue, Method, Response};
use rest_auth_flows::credentials::session;
use rest_auth_flows::error::AuthError;

use crate::api::Api;
use crate::api_request::ApiRequest;
use crate::csrf;
use crate::endpoint::Endpoint;
use crate::error::ApiError;
use crate::negotiation::{self, Representation};
use crate::options;
use crate::path_parameters::PathParameters;
use crate::render::render;
use crate::reply::{Body, Reply, SessionOutcome};
use crate::schemes;

/// Answers a request to an endpoint.
pub(crate) async fn dispatch(
    api: Api,
    endpoint: &'static Endpoint,
    parameters: PathParameters,
    request: Request,
) -> Response<Bytes> {
    let (head, body) = request.into_parts();
    let request = ApiRequest::read(api, head, parameters, body).await;
    let accept = request.header(&axum::http::header::ACCEPT);
    let format = request.query("format");
    let renderers = request.api().renderers();
    let (representation, answer) =
        match negotiation::choose(renderers, format.as_deref(), accept.as_deref()) {
            Ok(representation) => (representation, serve(&request, endpoint).await),
            Err(refused) => (Representation::fallback(renderers), Err(refused)),
        };
    let challenge = request.api().schemes().challenge(endpoint.access(request.api()));
    let mut reply = answer.unwrap_or_else(|error| error.into_reply(challenge));
    if let Err(error) = settle_session(&request, &mut reply).await {
        reply = ApiError::from(error).into_reply(challenge);
    }
    if let Some(secret) = request.csrf_reset() {
        reply = reply.cookie(csrf::cookie(&request, secret));
    }
    finish(&request, endpoint, reply, representation)
}

async fn serve(request: &ApiRequest, endpoint: &Endpoint) -> Result<Reply, ApiError> {
    let access = endpoint.access(request.api());
    request.set_caller(schemes::authenticate(request, access).await?);
    endpoint.permit(request.api(), request.caller().user.as_ref())?;
    request.api().throttles().check(request, endpoint).await?;
    if let Some(handler) = endpoint.handler(request.method()) {
        return handler(request.clone()).await;
    }
    if request.method() == Method::OPTIONS {
        return Ok(options::describe(endpoint, request.api()));
    }
    Err(ApiError::MethodNotAllowed(request.method().to_string()))
}

/// Tells the browser what became of its session: a new key, or none any more.
async fn settle_session(request: &ApiRequest, reply: &mut Reply) -> Result<(), AuthError> {
    let auth = request.auth();
    let rules = &request.api().cookies().session;
    let save_always = auth.settings().session.save_every_request;
    if save_always && request.has_session_cookie() {
        request.session().await?;
    }
    let outcome = match (reply.session.take(), request.opened_session()) {
        (Some(outcome), _) => outcome,
        (None, Some(opening)) => match &opening.session {
            None => SessionOutcome::Ended,
            Some(session) if opening.renewed => SessionOutcome::Set(session.clone()),
            Some(session) if save_always && !reply.status.is_server_error() => {
                // Boxed, as is whatever is large and rare: the future of every request is moved
                // about while it is small.
                match Box::pin(session::save(auth, session)).await? {
                    Some(saved) => SessionOutcome::Set(saved),
                    None => SessionOutcome::Ended,
                }
            }
            Some(_) => return Ok(()),
        },
        (None, None) => return Ok(()),
    };
    match outcome {
        SessionOutcome::Set(session) => {
            let age = session.lifetime(auth).cookie_age();
            reply.cookies.push(rules.set(session.key.as_str(), age, auth.now()));
            reply.touched_session = true;
        }
        SessionOutcome::Ended if request.has_session_cookie() => reply.cookies.push(rules.delete()),
        SessionOutcome::Ended => {}
    }
    Ok(())
}

fn finish(
    request: &ApiRequest,
    endpoint: &Endpoint,
    reply: Reply,
    representation: Representation,
) -> Response<Bytes> {
    let is_private = request.caller().user.is_some() || !reply.cookies.is_empty();
    let touched = reply.touched_session || request.opened_session().is_some();
    let sets_csrf =
        reply.cookies.iter().any(|c| c.name() == request.api().cookies().csrf.name.as_str());
    let reply = with_form_key(request, reply);
    let mut response = render(reply, representation, request.language(), endpoint.name);
    let headers = response.headers_mut();
    headers.insert(ALLOW, HeaderValue::from_static(endpoint.allow));
    if request.api().renderers().len() > 1 {
        headers.append(VARY, HeaderValue::from_static("Accept"));
    }
    if touched || sets_csrf {
        headers.append(VARY, HeaderValue::from_static("Cookie"));
    }
    if request.api().settings().secure.no_store && (is_private || request.method() != Method::GET) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if request.method() == Method::HEAD {
        *response.body_mut() = Bytes::empty();
    }
    response
}

/// Puts errors of the whole form under `rest_framework.non_field_errors_key`.
fn with_form_key(request: &ApiRequest, mut reply: Reply) -> Reply {
    if let Body::Errors(errors) = &reply.body {
        let key = &request.api().settings().rest_framework.non_field_errors_key;
        reply.body = Body::Json(errors.to_json(request.language(), key));
    }
    reply
}
