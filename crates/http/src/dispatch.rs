//! The way of every request through an endpoint, in DRF's order: representation, authentication,
//! permission, throttles, method, and then the handler with the body.

use axum::body::Body as Bytes;
use axum::extract::Request;
use axum::http::header::{ALLOW, CACHE_CONTROL, VARY};
use axum::http::{HeaderValue, Method, Response};
use rest_auth_domain::message::Message;
use rest_auth_flows::credentials::session;
use rest_auth_flows::error::AuthError;

use crate::csrf;
use crate::endpoint::{Access, Endpoint};
use crate::error::ApiError;
use crate::negotiation::{self, Representation};
use crate::options;
use crate::path_parameters::PathParameters;
use crate::render::render;
use crate::reply::{Body, Reply, SessionOutcome};
use crate::schemes;
use crate::site::Site;
use crate::visit::Visit;

/// Answers a request to an endpoint.
pub(crate) async fn dispatch(
    site: Site,
    endpoint: &'static Endpoint,
    parameters: PathParameters,
    request: Request,
) -> Response<Bytes> {
    let (head, body) = request.into_parts();
    let visit = Visit::read(site, head, parameters, body).await;
    let accept = visit.header(&axum::http::header::ACCEPT);
    let format = visit.query("format");
    let renderers = visit.site().renderers();
    let (representation, answer) =
        match negotiation::choose(renderers, format.as_deref(), accept.as_deref()) {
            Ok(representation) => (representation, serve(&visit, endpoint).await),
            Err(refused) => (Representation::fallback(renderers), Err(refused)),
        };
    let challenge = visit.site().schemes().challenge(endpoint.access(visit.site()));
    let mut reply = answer.unwrap_or_else(|error| error.into_reply(challenge));
    if let Err(error) = settle_session(&visit, &mut reply).await {
        reply = ApiError::from(error).into_reply(challenge);
    }
    if let Some(secret) = visit.csrf_reset() {
        reply = reply.cookie(csrf::cookie(&visit, secret));
    }
    finish(&visit, endpoint, reply, representation)
}

async fn serve(visit: &Visit, endpoint: &Endpoint) -> Result<Reply, ApiError> {
    let access = endpoint.access(visit.site());
    visit.set_caller(schemes::authenticate(visit, access).await?);
    let caller = visit.caller().user.as_ref();
    if access == Access::LoggedIn && caller.is_none() {
        return Err(AuthError::refused(Message::NotAuthenticated).into());
    }
    if endpoint.bars(visit.site(), caller) {
        return Err(AuthError::Forbidden(Message::PermissionDenied).into());
    }
    visit.site().throttles().check(visit, endpoint).await?;
    if let Some(handler) = endpoint.handler(visit.method()) {
        return handler(visit.clone()).await;
    }
    if visit.method() == Method::OPTIONS {
        return Ok(options::describe(endpoint, visit.site()));
    }
    Err(ApiError::MethodNotAllowed(visit.method().to_string()))
}

/// Tells the browser what became of its session: a new key, or none any more.
async fn settle_session(visit: &Visit, reply: &mut Reply) -> Result<(), AuthError> {
    let auth = visit.auth();
    let rules = &visit.site().cookies().session;
    let save_always = auth.settings().session.save_every_request;
    if save_always && visit.has_session_cookie() {
        visit.session().await?;
    }
    let outcome = match (reply.session.take(), visit.opened_session()) {
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
        SessionOutcome::Ended if visit.has_session_cookie() => reply.cookies.push(rules.delete()),
        SessionOutcome::Ended => {}
    }
    Ok(())
}

fn finish(
    visit: &Visit,
    endpoint: &Endpoint,
    reply: Reply,
    representation: Representation,
) -> Response<Bytes> {
    let is_private = visit.caller().user.is_some() || !reply.cookies.is_empty();
    let touched = reply.touched_session || visit.opened_session().is_some();
    let sets_csrf =
        reply.cookies.iter().any(|c| c.name() == visit.site().cookies().csrf.name.as_str());
    let reply = with_form_key(visit, reply);
    let mut response = render(reply, representation, visit.language(), endpoint.name);
    let headers = response.headers_mut();
    headers.insert(ALLOW, HeaderValue::from_static(endpoint.allow));
    if visit.site().renderers().len() > 1 {
        headers.append(VARY, HeaderValue::from_static("Accept"));
    }
    if touched || sets_csrf {
        headers.append(VARY, HeaderValue::from_static("Cookie"));
    }
    if visit.site().settings().secure.no_store && (is_private || visit.method() != Method::GET) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if visit.method() == Method::HEAD {
        *response.body_mut() = Bytes::empty();
    }
    response
}

/// Puts errors of the whole form under `rest_framework.non_field_errors_key`.
fn with_form_key(visit: &Visit, mut reply: Reply) -> Reply {
    if let Body::Errors(errors) = &reply.body {
        let key = &visit.site().settings().rest_framework.non_field_errors_key;
        reply.body = Body::Json(errors.to_json(visit.language(), key));
    }
    reply
}
