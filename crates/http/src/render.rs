//! A reply as bytes: compact JSON as DRF writes it, or a page around it.

use axum::body::Body as Bytes;
use axum::http::header::{CONTENT_TYPE, SET_COOKIE};
use axum::http::{HeaderValue, Response};
use rest_auth_domain::language::Language;
use serde::Serialize as _;
use serde_json::Value;
use serde_json::ser::{PrettyFormatter, Serializer};

use crate::middleware::pages;
use crate::negotiation::{Renderer, Representation};
use crate::reply::{Body, Reply};

/// Writes the reply out. `name` heads the page of the browsable API.
pub(crate) fn render(
    reply: Reply,
    representation: Representation,
    language: &Language,
    name: &str,
) -> Response<Bytes> {
    let Reply { status, body, headers, cookies, .. } = reply;
    let mut response = match body {
        Body::Page => pages::page(status),
        body => match body.document(language) {
            None => Response::new(Bytes::empty()),
            Some(document) => match representation.renderer {
                Renderer::Json => json_response(&document, representation.indent),
                Renderer::BrowsableApi => page_response(&document, name),
            },
        },
    };
    *response.status_mut() = status;
    for (header, value) in headers {
        response.headers_mut().insert(header, value);
    }
    for cookie in cookies {
        // A cookie made of settings and tokens has no byte that a header may not have.
        if let Ok(value) = HeaderValue::from_str(&cookie.to_string()) {
            response.headers_mut().append(SET_COOKIE, value);
        }
    }
    response
}

fn json_response(document: &Value, indent: Option<usize>) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(json_text(document, indent)));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// DRF's JSON: UTF-8 as it is, but the two line separators that JavaScript trips over escaped.
pub(crate) fn json_text(document: &Value, indent: Option<usize>) -> String {
    let text = match indent {
        Some(width) if width > 0 => indented(document, width),
        _ => document.to_string(),
    };
    if text.contains(['\u{2028}', '\u{2029}']) {
        return text.replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029");
    }
    text
}

fn indented(document: &Value, width: usize) -> String {
    let spaces = " ".repeat(width);
    let mut out = Vec::new();
    let mut serializer =
        Serializer::with_formatter(&mut out, PrettyFormatter::with_indent(spaces.as_bytes()));
    match document.serialize(&mut serializer) {
        Ok(()) => String::from_utf8_lossy(&out).into_owned(),
        Err(_) => document.to_string(),
    }
}

fn page_response(document: &Value, name: &str) -> Response<Bytes> {
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n  <title>{name}</title>\n</head>\n<body>\n  \
         <h1>{name}</h1>\n  <pre>{}</pre>\n</body>\n</html>\n",
        escaped(&json_text(document, Some(4)))
    );
    let mut response = Response::new(Bytes::from(html));
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_is_compact_and_keeps_unicode_but_for_line_separators() {
        let document = json!({ "a": "é\u{2028}", "b": [1, null] });
        assert_eq!(json_text(&document, None), "{\"a\":\"é\\u2028\",\"b\":[1,null]}");
        assert_eq!(json_text(&json!({ "a": 1 }), Some(4)), "{\n    \"a\": 1\n}");
    }

    #[test]
    fn the_page_escapes_what_users_wrote() {
        assert_eq!(escaped("<b>&"), "&lt;b&gt;&amp;");
    }
}
