//! A reply as bytes: compact JSON as DRF writes it, or a page around it.

use axum::body::Body as Bytes;
use axum::http::header::{CONTENT_TYPE, SET_COOKIE};
use axum::http::{HeaderValue, Response};
use rest_auth_domain::language::Language;
use serde::Serialize as _;
use serde_json::Value;
use serde_json::ser::{PrettyFormatter, Serializer};

use crate::negotiation::Representation;
use crate::pages;
use crate::reply::{Body, Reply};
use crate::settings::rest_framework::Renderer;

/// How an answer is written for one request.
#[derive(Clone, Copy)]
pub(crate) struct Writing<'r> {
    /// The form of the answer.
    pub(crate) representation: Representation,
    /// The language of its sentences.
    pub(crate) language: &'r Language,
    /// The key of errors that concern the whole form: `rest_framework.non_field_errors_key`.
    pub(crate) form_key: &'r str,
    /// The title of the page of the browsable API.
    pub(crate) name: &'r str,
}

/// Writes the reply out.
pub(crate) fn render(reply: Reply, writing: Writing<'_>) -> Response<Bytes> {
    let Reply { status, body, headers, cookies, .. } = reply;
    let Writing { representation, language, form_key, name } = writing;
    let mut response = match body {
        Body::Page => pages::page(status),
        Body::Html(html) => pages::html(html),
        body => match body.into_json(language, form_key) {
            None => Response::new(Bytes::empty()),
            Some(json) => match representation.renderer {
                Renderer::Json => json_response(json, representation.indent),
                Renderer::BrowsableApi => page_response(json, name),
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

fn json_response(json: Vec<u8>, indent: Option<usize>) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(json_text(json, indent)));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// JSON as DRF writes it: UTF-8, with U+2028 and U+2029 escaped, because older JavaScript reads
/// them as ends of lines.
pub(crate) fn json_text(json: Vec<u8>, indent: Option<usize>) -> Vec<u8> {
    let json = match indent {
        Some(width) if width > 0 => indented(&json, width).unwrap_or(json),
        _ => json,
    };
    // Both separators begin with these bytes, which are rare in texts.
    if !json.windows(2).any(|bytes| bytes == b"\xe2\x80") {
        return json;
    }
    let text = String::from_utf8_lossy(&json);
    text.replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029").into_bytes()
}

fn indented(json: &[u8], width: usize) -> Option<Vec<u8>> {
    let spaces = " ".repeat(width);
    let document: Value = serde_json::from_slice(json).ok()?;
    let mut out = Vec::new();
    let formatter = PrettyFormatter::with_indent(spaces.as_bytes());
    document.serialize(&mut Serializer::with_formatter(&mut out, formatter)).ok()?;
    Some(out)
}

fn page_response(json: Vec<u8>, name: &str) -> Response<Bytes> {
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n  <title>{name}</title>\n</head>\n<body>\n  \
         <h1>{name}</h1>\n  <pre>{}</pre>\n</body>\n</html>\n",
        pages::escaped(&String::from_utf8_lossy(&json_text(json, Some(4))))
    );
    pages::html(html)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written(document: &Value, indent: Option<usize>) -> String {
        String::from_utf8(json_text(serde_json::to_vec(document).unwrap(), indent)).unwrap()
    }

    #[test]
    fn json_is_compact_and_keeps_unicode_but_for_line_separators() {
        let document = json!({ "a": "é\u{2028}\u{2026}", "b": [1, null] });
        assert_eq!(written(&document, None), "{\"a\":\"é\\u2028\u{2026}\",\"b\":[1,null]}");
    }

    #[test]
    fn an_indented_document_keeps_the_order_of_its_keys() {
        let document = json!({ "b": 1, "a": 2 });
        assert_eq!(written(&document, Some(4)), "{\n    \"b\": 1,\n    \"a\": 2\n}");
        assert_eq!(written(&document, Some(0)), "{\"b\":1,\"a\":2}");
    }
}
