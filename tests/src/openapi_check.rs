//! Whether an answer is one that the OpenAPI document announces.

mod schema;

use serde_json::Value;

/// One answer, and what was asked.
#[derive(Clone, Copy, Debug)]
pub struct Answered<'a> {
    /// The method of the request.
    pub method: &'a str,
    /// Its target: a path, perhaps with a query string.
    pub target: &'a str,
    /// The status of the answer.
    pub status: u16,
    /// Its `Content-Type`, if it has one.
    pub content_type: Option<&'a str>,
    /// Its body: JSON if it is that, a string if it is another text, none if it is empty.
    pub body: Option<&'a Value>,
}

/// Checks an answer of an API mounted at `base_path` against its document.
///
/// A path that the document does not have may only be answered 404, unless a browser asks with
/// OPTIONS what another site may send there (CORS), or it is a page that shows the document. A
/// method that it does not have on a known path may only be refused, or be OPTIONS. `HEAD` is read
/// as `GET`.
///
/// # Errors
/// Says what the document does not announce.
pub fn check_response(
    document: &Value,
    base_path: &str,
    answered: &Answered<'_>,
) -> Result<(), String> {
    let told = |problem| format!("{} {}: {problem}", answered.method, answered.target);
    check(document, base_path, answered).map_err(told)
}

fn check(document: &Value, base_path: &str, answered: &Answered<'_>) -> Result<(), String> {
    if is_link_page(answered) {
        return Ok(());
    }
    let Some(item) = path_item(document, base_path, answered.target) else {
        let is_preflight = answered.method == "OPTIONS" && answered.body.is_none();
        return match answered.status {
            404 => Ok(()),
            200 if is_preflight || shows_the_document(base_path, answered) => Ok(()),
            status => Err(format!("the path is not described, and answered {status}")),
        };
    };
    let method = match answered.method {
        "HEAD" => "get".to_owned(),
        method => method.to_ascii_lowercase(),
    };
    let status = answered.status;
    // There is no HEAD where GET uses something up.
    let is_no_head = answered.method == "HEAD" && status == 405;
    let response = match item.get(&method).filter(|_| !is_no_head) {
        Some(operation) => operation["responses"]
            .get(status.to_string())
            .ok_or_else(|| format!("the status {status} is not described"))?,
        None if answered.method == "OPTIONS" && status == 200 => return Ok(()),
        None => refusal(document, status)
            .ok_or_else(|| format!("the method is not described, and answered {status}"))?,
    };
    let response = schema::resolved(document, response)?;
    if answered.method == "HEAD" {
        return Ok(());
    }
    check_content(document, response, answered)
}

/// Whether a browser or a generator of clients fetches the document itself, or its page, or what
/// browsers look for at the root of every host.
fn shows_the_document(base_path: &str, answered: &Answered<'_>) -> bool {
    let below = answered.target.strip_prefix(base_path.trim_end_matches('/'));
    let page = below.and_then(|below| below.split('/').nth(1));
    matches!(answered.method, "GET" | "HEAD")
        && matches!(page, Some("schema" | "docs" | ".well-known"))
}

/// Whether it is a page behind a mailed link: those are for people, and no part of the API.
fn is_link_page(answered: &Answered<'_>) -> bool {
    const FOLDERS: [&str; 3] = [
        "/registration/account-confirm-email/",
        "/registration/invitation/",
        "/password-reset/confirm/",
    ];
    let is_page = answered.content_type.is_some_and(|kind| kind.starts_with("text/html"));
    is_page && FOLDERS.iter().any(|folder| answered.target.starts_with(folder))
}

/// What is shared by all endpoints, for methods that they do not have.
fn refusal(document: &Value, status: u16) -> Option<&Value> {
    let names: &[&str] = match status {
        401 => &["Unauthorized"],
        403 => &["Forbidden", "CsrfFailed"],
        404 => &["UnknownFormat"],
        405 => &["MethodNotAllowed"],
        406 => &["NotAcceptable"],
        429 => &["TooManyRequests"],
        503 => &["Unavailable"],
        _ => &[],
    };
    let responses = document.pointer("/components/responses")?;
    names.iter().find_map(|name| responses.get(name))
}

fn check_content(
    document: &Value,
    response: &Value,
    answered: &Answered<'_>,
) -> Result<(), String> {
    let (described, status) = (response.get("content"), answered.status);
    let (Some(content), Some(body)) = (described, answered.body) else {
        return match (described, answered.body) {
            (None, Some(_)) => Err(format!("{status} has a body that is not described")),
            (Some(_), None) => Err(format!("{status} lacks its body")),
            _ => Ok(()),
        };
    };
    let media_type = answered.content_type.unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    let schema = content
        .get(media_type)
        .and_then(|content| content.get("schema"))
        .ok_or_else(|| format!("{status} as {media_type:?} is not described"))?;
    schema::check(document, schema, body, "").map_err(|problem| format!("{status}: {problem}"))
}

/// The description of a path, with or without its trailing slash.
fn path_item<'d>(document: &'d Value, base_path: &str, target: &str) -> Option<&'d Value> {
    let path = target.split('?').next().unwrap_or_default();
    let below = path.strip_prefix(base_path.trim_end_matches('/'))?;
    let asked: Vec<String> = segments(below)?;
    let paths = document.get("paths")?.as_object()?;
    let fits = |template: &str| {
        let template = segments(template).unwrap_or_default();
        template.len() == asked.len()
            && template.iter().zip(&asked).all(|(wanted, got)| {
                wanted == got || (wanted.starts_with('{') && wanted.ends_with('}'))
            })
    };
    paths.iter().find(|(template, _)| fits(template)).map(|(_, item)| item)
}

/// The segments of an absolute path, decoded.
fn segments(path: &str) -> Option<Vec<String>> {
    let path = path.strip_prefix('/')?;
    Some(path.strip_suffix('/').unwrap_or(path).split('/').map(decoded).collect())
}

fn decoded(segment: &str) -> String {
    // A plus sign and an ampersand mean themselves in a path.
    let pair = format!("={}", segment.replace('+', "%2B").replace('&', "%26"));
    form_urlencoded::parse(pair.as_bytes()).map(|(_, value)| value.into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document() -> Value {
        json!({
            "paths": {
                "/login/": {"post": {"responses": {
                    "200": {"content": {"application/json": {
                        "schema": {"$ref": "#/components/schemas/Token"},
                    }}},
                    "204": {"description": "no body"},
                    "400": {"content": {
                        "application/json": {"schema": {}},
                        "text/html": {"schema": {"type": "string"}},
                    }},
                    "406": {"$ref": "#/components/responses/NotAcceptable"},
                }}},
                "/things/{id}/": {"get": {"responses": {"204": {}}}},
            },
            "components": {
                "schemas": {"Token": {
                    "type": "object",
                    "properties": {"key": {"type": "string"}},
                    "required": ["key"],
                }},
                "responses": {
                    "NotAcceptable": {"content": {"application/json": {"schema": {}}}},
                    "MethodNotAllowed": {"content": {"application/json": {"schema": {}}}},
                },
            },
        })
    }

    #[expect(clippy::needless_pass_by_value, reason = "the bodies are made in place")]
    fn judged(method: &str, target: &str, status: u16, body: Option<Value>) -> Result<(), String> {
        let content_type = body.as_ref().map(|body| match body {
            Value::String(_) => "text/html; charset=utf-8",
            _ => "application/json",
        });
        let body = body.as_ref();
        let answered = Answered { method, target, status, content_type, body };
        check_response(&document(), "/api", &answered)
    }

    #[test]
    fn what_is_described_passes() {
        let key = || Some(json!({"key": "abc"}));
        assert_eq!(judged("POST", "/api/login/", 200, key()), Ok(()));
        assert_eq!(judged("POST", "/api/login?format=json", 200, key()), Ok(()));
        assert_eq!(judged("POST", "/api/%6Cogin/", 200, key()), Ok(()));
        assert_eq!(judged("POST", "/api/login/", 204, None), Ok(()));
        assert_eq!(judged("POST", "/api/login/", 400, Some(json!("<p>"))), Ok(()));
        assert_eq!(judged("POST", "/api/login/", 406, Some(json!({"detail": ""}))), Ok(()));
        assert_eq!(judged("GET", "/api/things/7/", 204, None), Ok(()));
        assert_eq!(judged("HEAD", "/api/things/7/", 204, None), Ok(()));
        assert_eq!(judged("HEAD", "/api/things/7/", 405, None), Ok(()));
        assert_eq!(judged("OPTIONS", "/api/login/", 200, key()), Ok(()));
        assert_eq!(judged("PUT", "/api/login/", 405, key()), Ok(()));
        assert_eq!(judged("POST", "/api/nothing/", 404, Some(json!("<p>"))), Ok(()));
        assert_eq!(judged("OPTIONS", "/api/nothing/", 200, None), Ok(()));
        assert_eq!(judged("GET", "/api/docs/docs.js", 200, Some(json!("//"))), Ok(()));
    }

    #[test]
    fn what_is_not_described_does_not_pass() {
        let no = |method, target, status, body| judged(method, target, status, body).unwrap_err();
        assert_eq!(
            no("POST", "/api/login/", 201, None),
            "POST /api/login/: the status 201 is not described"
        );
        assert_eq!(
            no("PUT", "/api/login/", 200, None),
            "PUT /api/login/: the method is not described, and answered 200"
        );
        assert_eq!(
            no("POST", "/login/", 200, None),
            "POST /login/: the path is not described, and answered 200"
        );
        assert_eq!(
            no("POST", "/api/login/", 200, Some(json!({"key": 1}))),
            "POST /api/login/: 200: /key: 1 is no string"
        );
        assert_eq!(
            no("POST", "/api/login/", 200, Some(json!("<p>"))),
            "POST /api/login/: 200 as \"text/html\" is not described"
        );
        assert_eq!(no("POST", "/api/login/", 200, None), "POST /api/login/: 200 lacks its body");
        assert_eq!(
            no("POST", "/api/login/", 204, Some(json!({}))),
            "POST /api/login/: 204 has a body that is not described"
        );
    }
}
