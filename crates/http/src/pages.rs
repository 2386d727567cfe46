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
    let mut response = self::html(html);
    *response.status_mut() = status;
    response
}

/// A page.
pub(crate) fn html(html: String) -> Response<Body> {
    let mut response = Response::new(Body::from(html));
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

/// A text for a page or for an attribute in double quotes.
pub(crate) fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_escapes_what_users_wrote() {
        assert_eq!(escaped("<b title=\"x\">&"), "&lt;b title=&quot;x&quot;&gt;&amp;");
    }
}
