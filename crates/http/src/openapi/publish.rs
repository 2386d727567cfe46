//! `schema/` and `docs/`: the document, and a page to read it.
//!
//! The page is Swagger UI, served from this binary alone. It runs under a policy of its own that
//! lets it load nothing from elsewhere.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};
use axum::routing::get;

use super::published::{Published, mounted_at};
use super::{document, security};
use crate::pages;
use crate::settings::Configuration;

/// The page, its script, style and icon. Styles are set inline by Swagger UI, and its style sheet
/// has its pictures within.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                      img-src 'self' data:; connect-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

const PAGE: &str = include_str!("../../assets/docs.html");

/// The files that the page loads, by name and type.
const FILES: [(&str, &str, &[u8]); 4] = [
    ("docs.js", JAVASCRIPT, include_bytes!("../../assets/docs.js")),
    ("swagger-ui.css", "text/css", include_bytes!("../../assets/swagger-ui/swagger-ui.css")),
    (
        "swagger-ui-bundle.js",
        JAVASCRIPT,
        include_bytes!("../../assets/swagger-ui/swagger-ui-bundle.js"),
    ),
    ("favicon-32x32.png", "image/png", include_bytes!("../../assets/swagger-ui/favicon-32x32.png")),
];

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";

/// What `server.openapi` and `server.docs` publish below a path, which has no slash at its end.
pub(crate) fn routes<S>(configuration: Configuration<'_>, base: &str) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let settings = &configuration.http.server;
    let mut router = Router::new();
    if !settings.openapi {
        return router;
    }
    let published = Arc::new(Published::new(document(configuration)));
    let schema = get(move |head: Parts| std::future::ready(schema(&published, &head)));
    let path = format!("{base}/schema");
    router = router.route(&path, schema.clone()).route(&format!("{path}/"), schema);
    if settings.docs {
        router = with_page(router, configuration, base);
    }
    router
}

/// The page at the path of the API itself, which is the first that people open: it says where the
/// others are. Applications that embed the API have pages of their own.
pub(crate) fn start(configuration: Configuration<'_>, base: &str) -> Router {
    let settings = &configuration.http.server;
    let links: &[(&str, &str)] = match (settings.openapi, settings.docs) {
        (true, true) => &[("docs/", "Documentation"), ("schema/", "OpenAPI document")],
        (true, false) => &[("schema/", "OpenAPI document")],
        (false, _) => &[],
    };
    // Relative, as on the page of the documentation.
    let last = base.rsplit('/').next().unwrap_or_default();
    let page = |folder: String| {
        let html = Bytes::from(pages::start(&folder, links));
        get(move || std::future::ready(answer(HTML, html.clone())))
    };
    let router = Router::new().route(&format!("{base}/"), page(String::new()));
    if base.is_empty() {
        return router;
    }
    let target = HeaderValue::try_from(format!("{}/", base.trim_start_matches('/'))).ok();
    let lead_on = get(move || std::future::ready(lead_on(target.as_ref())));
    router.route(base, page(format!("{last}/"))).route("/", lead_on)
}

/// From the root, which people open first, to the API.
fn lead_on(target: Option<&HeaderValue>) -> Response<Body> {
    let mut response = pages::page(StatusCode::FOUND);
    response.headers_mut().extend(target.map(|target| (LOCATION, target.clone())));
    response
}

fn schema(published: &Published, head: &Parts) -> Response<Body> {
    match published.text_below(mounted_at(head)) {
        Some(json) => answer("application/json", json),
        None => pages::page(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

fn with_page<S>(mut router: Router<S>, configuration: Configuration<'_>, base: &str) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    // The page uses relative links, so that it works at any path that an application or a proxy
    // mounts it at. Relative links depend on the trailing slash.
    for (path, files, schema) in [("/docs", "docs/", "schema/"), ("/docs/", "", "../schema/")] {
        let html = Bytes::from(page(configuration, files, schema));
        let page = get(move || std::future::ready(page_answer(html.clone())));
        router = router.route(&format!("{base}{path}"), page);
    }
    for (name, media_type, content) in FILES {
        let file = move || std::future::ready(file(media_type, content));
        router = router.route(&format!("{base}/docs/{name}"), get(file));
    }
    router
}

fn page(configuration: Configuration<'_>, files: &str, schema: &str) -> String {
    let cookie = configuration.csrf_cookie().unwrap_or_default();
    PAGE.replace("{files}", files)
        .replace("{schema}", schema)
        .replace("{csrf-cookie}", &pages::escaped(cookie))
        .replace("{csrf-header}", &pages::escaped(&configuration.csrf_header()))
        .replace("{jwt-prefix}", &jwt_prefix(configuration))
}

/// What the page writes before an access token under "Authorize". Where a cookie carries the token
/// the page has nothing to do.
fn jwt_prefix(configuration: Configuration<'_>) -> String {
    if configuration.access_cookie().is_some() {
        return String::new();
    }
    let prefix = match security::bearer_keyword(configuration) {
        // The page knows this one by itself.
        "Bearer" => String::new(),
        keyword => format!("{} ", pages::escaped(keyword)),
    };
    format!(" data-jwt-prefix=\"{prefix}\"")
}

fn page_answer(html: Bytes) -> Response<Body> {
    let mut response = answer(HTML, html);
    let policy = HeaderValue::from_static(POLICY);
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    response
}

fn file(media_type: &'static str, content: &'static [u8]) -> Response<Body> {
    let mut response = answer(media_type, Bytes::from_static(content));
    with(&mut response, CACHE_CONTROL, "public, max-age=86400");
    response
}

fn answer(media_type: &'static str, content: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::from(content));
    with(&mut response, CONTENT_TYPE, media_type);
    response
}

fn with(response: &mut Response<Body>, name: HeaderName, value: &'static str) {
    response.headers_mut().insert(name, HeaderValue::from_static(value));
}
