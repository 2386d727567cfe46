//! Answers that are HTML pages: those given before the endpoint is known.

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Response, StatusCode};

/// A page that says what the status means.
pub(crate) fn page(status: StatusCode) -> Response<Body> {
    let title = status.canonical_reason().unwrap_or("Error");
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n  <title>{title}</title>\n</head>\n<body>\n  \
         <h1>{title}</h1>\n</body>\n</html>\n"
    );
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

/// The page that stands where the API is, with links to what can be read about it.
pub(crate) fn start(folder: &str, links: &[(&str, &str)]) -> String {
    let items: Vec<_> = links
        .iter()
        .map(|(path, name)| format!("    <li><a href=\"{folder}{path}\">{name}</a></li>\n"))
        .collect();
    let list = match items.concat() {
        items if items.is_empty() => items,
        items => format!("  <ul>\n{items}  </ul>\n"),
    };
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n  <title>rest-auth</title>\n</head>\n<body>\n  \
         <h1>The API of accounts is here</h1>\n{list}</body>\n</html>\n"
    )
}
