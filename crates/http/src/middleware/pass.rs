//! The middleware that every request and every answer passes.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, LOCATION, RETRY_AFTER,
    STRICT_TRANSPORT_SECURITY, VARY,
};
use axum::http::request::Parts as Head;
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use axum::middleware::Next;
use futures_util::FutureExt as _;
use rest_auth_domain::language::Language;
use rest_auth_domain::message::Message;
use rest_auth_flows::limits;
use tracing::Instrument as _;

use super::repaired_cookies::RepairedCookies;
use super::request_id;
use crate::api::Api;
use crate::catalogue;
use crate::negotiation::Representation;
use crate::render::{Writing, render};
use crate::reply::Reply;
use crate::request_info::{RequestInfo, host_is_allowed, named_host};
use crate::{pages, paths, refusals};

/// In the extensions of an answer: no route matched the path. The path is not logged then, because
/// it may be that of a mailed link, with a token that works.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoRoute;

/// As [`pass`], for a server of its own: it finds the routes by the path in its normal form.
pub(crate) async fn enter(api: State<Api>, request: Request, next: Next) -> Response<Body> {
    answer(api, paths::plain(request), next, Mount::Alone).await
}

/// Passes a request to its endpoint and completes the answer. A route has matched before.
pub(crate) async fn pass(api: State<Api>, request: Request, next: Next) -> Response<Body> {
    answer(api, request, next, Mount::Nested).await
}

/// How the API is served.
#[derive(Clone, Copy, PartialEq)]
enum Mount {
    /// By itself: the routes come after the middleware.
    Alone,
    /// In another application: a route has matched.
    Nested,
}

async fn answer(
    State(api): State<Api>,
    request: Request,
    next: Next,
    mount: Mount,
) -> Response<Body> {
    let started = Instant::now();
    let id = request_id::of(request.headers(), api.auth().random());
    let (mut head, body) = request.into_parts();
    let line = LogLine::new(&head, id.clone());
    let span = tracing::info_span!("request", id = line.id());
    let mut info = RequestInfo::find(&api, &head, Some(line.id()));
    if mount == Mount::Nested {
        info.nest = Some(paths::nest(&head).to_owned());
    }
    let early = span.in_scope(|| answered_early(&api, &head, &info));
    let mut outer = CommonHeaders::of(&api, &head, &info, id);
    if early.is_none() {
        outer.cookies = Some(RepairedCookies::of(&api, &head.headers));
    }
    let (language, counted) = (info.language.clone(), info.client.counted.clone());
    head.extensions.insert(info);
    let (mut response, has_route) = if let Some(response) = early {
        let path = head.uri.path();
        (response, mount == Mount::Nested || catalogue::has_path(api.configuration(), path))
    } else {
        let request = Request::from_parts(head, body);
        let response = answered(&api, request, next, &language).instrument(span).await;
        let has_route = response.extensions().get::<NoRoute>().is_none();
        (response, has_route)
    };
    if response.status() == StatusCode::SERVICE_UNAVAILABLE {
        limits::give_back(api.auth(), &counted).await;
    }
    outer.add_to(&api, response.headers_mut());
    line.write(response.status(), has_route, started);
    response
}

/// Answers that are given without an endpoint.
fn answered_early(api: &Api, head: &Head, info: &RequestInfo) -> Option<Response<Body>> {
    if !host_is_allowed(api, head) {
        refusals::host(api, info, &named_host(api, head).unwrap_or_default());
        return Some(pages::page(StatusCode::BAD_REQUEST));
    }
    if is_preflight(api, head) {
        let mut response = Response::new(Body::empty());
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        return Some(response);
    }
    to_https(api, head, info)
}

/// Whether the rules about other origins answer the request, before the language is looked at.
fn is_preflight(api: &Api, head: &Head) -> bool {
    api.cors().is_some_and(|cors| cors.is_preflight(head))
}

/// `secure.ssl_redirect`: 301 as in Django, for a request that came without TLS.
fn to_https(api: &Api, head: &Head, info: &RequestInfo) -> Option<Response<Body>> {
    let settings = &api.settings().secure;
    if !settings.ssl_redirect {
        return None;
    }
    let origin = &info.origin;
    let path = paths::whole(head).path();
    let exempt = settings.redirect_exempt.iter();
    if origin.scheme.is_secure()
        || exempt.into_iter().any(|pattern| pattern.is_match(path.trim_start_matches('/')))
    {
        return None;
    }
    let host = settings.ssl_host.as_deref().unwrap_or(&origin.host);
    let target = paths::whole(head).path_and_query().map_or("/", |target| target.as_str());
    let location = HeaderValue::from_str(&format!("https://{host}{target}")).ok()?;
    let mut response = pages::page(StatusCode::MOVED_PERMANENTLY);
    response.headers_mut().insert(LOCATION, location);
    Some(response)
}

/// The endpoint's answer, or a plain one if it takes too long or panics.
async fn answered(api: &Api, request: Request, next: Next, language: &Language) -> Response<Body> {
    let failed = |status, message| {
        let representation = Representation::fallback(api.renderers());
        let form_key = api.configuration().non_field_errors_key();
        let writing = Writing { representation, language, form_key, name: "Error" };
        render(Reply::detail(status, message), writing)
    };
    let answering = AssertUnwindSafe(next.run(request)).catch_unwind();
    match tokio::time::timeout(api.settings().server.request_timeout, answering).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => {
            tracing::error!("a handler panicked");
            failed(StatusCode::INTERNAL_SERVER_ERROR, Message::ServerError)
        }
        Err(_) => {
            let mut response = failed(StatusCode::SERVICE_UNAVAILABLE, Message::TimedOut);
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(1u64));
            response
        }
    }
}

/// Headers that every answer gets, prepared before the request is gone.
struct CommonHeaders {
    id: HeaderValue,
    cors: Option<HeaderMap>,
    secure: bool,
    /// None where the answer has no language: that of a preflight.
    language: Option<HeaderValue>,
    cookies: Option<RepairedCookies>,
}

impl CommonHeaders {
    fn of(api: &Api, head: &Head, info: &RequestInfo, id: HeaderValue) -> Self {
        let cors = api.cors().map(|cors| {
            let mut headers = HeaderMap::new();
            cors.add_to(head, &mut headers);
            headers
        });
        let has_language = api.negotiates_language() && !is_preflight(api, head);
        let language =
            has_language.then(|| HeaderValue::from_str(info.language.code()).ok()).flatten();
        let secure = info.origin.scheme.is_secure();
        Self { id, cors, secure, language, cookies: None }
    }

    fn add_to(self, api: &Api, headers: &mut HeaderMap) {
        headers.insert(request_id::X_REQUEST_ID, self.id);
        for (name, value) in api.security_headers() {
            if *name != STRICT_TRANSPORT_SECURITY || self.secure {
                // A page that sets its own policy keeps it.
                headers.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
        if api.settings().secure.no_store {
            // A file that may be cached says so itself.
            headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        }
        for (name, value) in self.cors.iter().flatten() {
            headers.append(name.clone(), value.clone());
        }
        if let Some(language) = self.language {
            headers.append(VARY, HeaderValue::from_static("Accept-Language"));
            headers.insert(CONTENT_LANGUAGE, language);
        }
        if let Some(cookies) = self.cookies {
            cookies.add_to(headers);
        }
    }
}

/// The log line of a request. Query, headers and body are left out, because they may hold secrets,
/// and so are a path that is none of a route and what a mailed link has in its path.
struct LogLine {
    id: HeaderValue,
    method: Method,
    path: String,
}

impl LogLine {
    fn new(head: &Head, id: HeaderValue) -> Self {
        let path = paths::without_secrets(paths::whole(head).path()).into_owned();
        Self { id, method: head.method.clone(), path }
    }

    fn id(&self) -> &str {
        self.id.to_str().unwrap_or_default()
    }

    fn write(&self, status: StatusCode, has_route: bool, started: Instant) {
        // With one digit after the point, as a number.
        let milliseconds = (started.elapsed().as_secs_f64() * 10_000.0).round() / 10.0;
        tracing::info!(
            id = self.id(),
            method = %self.method,
            path = has_route.then_some(&*self.path),
            status = status.as_u16(),
            milliseconds,
            "request"
        );
    }
}
