//! Makes the requests that a recording describes.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::{ACCEPT, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST, USER_AGENT};
use http::uri::{Parts, PathAndQuery};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use serde_json::Value;

use super::json_text;
use super::template::{self, plain_text};

const BOUNDARY: &str = "----contractboundary7MA4YWxk";

/// A request from a `request` table whose templates are filled, and the cookies to send.
pub(crate) fn build(table: &Value, cookies: &[(String, String)]) -> Result<Request<Bytes>, String> {
    let method = table["method"].as_str().ok_or("the request has no method")?;
    let method = Method::from_bytes(method.as_bytes()).map_err(|error| error.to_string())?;
    let (body, content_type) = body(table)?;
    let mut headers = default_headers();
    if let Some(content_type) = content_type {
        headers.insert(CONTENT_TYPE, latin1_value(&content_type)?);
    }
    if !cookies.is_empty() {
        let pairs: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        headers.insert(COOKIE, latin1_value(&pairs.join("; "))?);
    }
    replace_headers(&mut headers, &table["headers"])?;
    let may_have_body = [Method::POST, Method::PUT, Method::PATCH].contains(&method);
    if body.is_some() || may_have_body {
        headers.append(CONTENT_LENGTH, body.as_ref().map_or(0, Vec::len).into());
    }
    headers.append(CONNECTION, HeaderValue::from_static("close"));
    let mut request = Request::new(Bytes::from(body.unwrap_or_default()));
    *request.method_mut() = method;
    *request.uri_mut() = target(table["path"].as_str().ok_or("the request has no path")?)?;
    *request.headers_mut() = headers;
    Ok(request)
}

fn default_headers() -> HeaderMap {
    HeaderMap::from_iter([
        (HOST, HeaderValue::from_static(template::HOST)),
        (ACCEPT, HeaderValue::from_static("application/json")),
        (USER_AGENT, HeaderValue::from_static("contract-replay")),
    ])
}

/// Lays the recorded headers over the default ones; null removes a header, a list repeats it.
fn replace_headers(headers: &mut HeaderMap, recorded: &Value) -> Result<(), String> {
    for (name, value) in recorded.as_object().into_iter().flatten() {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|error| error.to_string())?;
        headers.remove(&name);
        let values = match value {
            Value::Null => &[],
            Value::Array(values) => values.as_slice(),
            one => std::slice::from_ref(one),
        };
        for value in values {
            let text = value.as_str().ok_or_else(|| format!("header {name} is no text"))?;
            headers.append(&name, latin1_value(text)?);
        }
    }
    Ok(())
}

/// The request target exactly as recorded, `//` and percent signs included.
fn target(path: &str) -> Result<Uri, String> {
    let unfit = |error: &dyn std::fmt::Display| format!("cannot request {path:?}: {error}");
    let mut parts = Parts::default();
    parts.path_and_query = Some(path.parse::<PathAndQuery>().map_err(|error| unfit(&error))?);
    let uri = Uri::from_parts(parts).map_err(|error| unfit(&error))?;
    let sent = uri.to_string();
    if sent == path { Ok(uri) } else { Err(unfit(&format!("it would be sent as {sent:?}"))) }
}

/// The body and its content type.
fn body(table: &Value) -> Result<(Option<Vec<u8>>, Option<String>), String> {
    let (body, content_type) = if let Some(value) = table.get("json") {
        (json_text::compact(value).into_bytes(), Some("application/json".to_owned()))
    } else if let Some(fields) = table.get("form") {
        (form(fields)?.into_bytes(), Some("application/x-www-form-urlencoded".to_owned()))
    } else if let Some(fields) = table.get("multipart") {
        (multipart(fields)?, Some(format!("multipart/form-data; boundary={BOUNDARY}")))
    } else if let Some(raw) = table.get("raw") {
        let content_type = table.get("content_type").and_then(Value::as_str);
        (raw_bytes(raw)?, content_type.map(str::to_owned))
    } else {
        return Ok((None, None));
    };
    Ok((Some(body), content_type))
}

fn form(fields: &Value) -> Result<String, String> {
    let mut out = form_urlencoded::Serializer::new(String::new());
    match fields {
        Value::Object(fields) => {
            for (name, value) in fields {
                out.append_pair(name, &plain_text(value)?);
            }
        }
        _ => {
            for pair in fields.as_array().ok_or("a form is an object or a list of pairs")? {
                out.append_pair(&plain_text(&pair[0])?, &plain_text(&pair[1])?);
            }
        }
    }
    Ok(out.finish())
}

fn multipart(fields: &Value) -> Result<Vec<u8>, String> {
    let fields = fields.as_object().ok_or("multipart is an object")?.iter();
    let parts: Vec<String> =
        fields.map(|(name, value)| part(name, value)).collect::<Result<_, _>>()?;
    Ok(format!("{}--{BOUNDARY}--\r\n", parts.concat()).into_bytes())
}

/// A field, or a file `{"filename", "content", "type"}`.
fn part(name: &str, value: &Value) -> Result<String, String> {
    let start = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"");
    if !value.is_object() {
        return Ok(format!("{start}\r\n\r\n{}\r\n", plain_text(value)?));
    }
    let [filename, content_type, content] = ["filename", "type", "content"].map(|key| &value[key]);
    Ok(format!(
        "{start}; filename=\"{}\"\r\nContent-Type: {}\r\n\r\n{}\r\n",
        plain_text(filename)?,
        plain_text(content_type)?,
        plain_text(content)?,
    ))
}

/// A text, `{"$b64": …}`, `{"$repeat": [text, times]}`, or a list of these to be joined.
fn raw_bytes(raw: &Value) -> Result<Vec<u8>, String> {
    if let Some(text) = raw.as_str() {
        return Ok(text.as_bytes().to_vec());
    }
    if let Some(parts) = raw.as_array() {
        let parts: Result<Vec<_>, _> = parts.iter().map(raw_bytes).collect();
        return Ok(parts?.concat());
    }
    let unreadable = || format!("cannot read the raw body {raw}");
    if let Some(repeat) = raw.get("$repeat") {
        let text = repeat[0].as_str().ok_or_else(unreadable)?;
        let times = repeat[1].as_u64().and_then(|times| usize::try_from(times).ok());
        return Ok(text.repeat(times.ok_or_else(unreadable)?).into_bytes());
    }
    let encoded = raw.get("$b64").and_then(Value::as_str).ok_or_else(unreadable)?;
    BASE64_STANDARD.decode(encoded).map_err(|_| unreadable())
}

/// A header value with one byte per character, without the blanks around it: on the wire they
/// are no part of the value (RFC 9110 section 5.5).
fn latin1_value(text: &str) -> Result<HeaderValue, String> {
    let bytes: Result<Vec<u8>, _> =
        text.trim_matches([' ', '\t']).chars().map(u8::try_from).collect();
    let unfit = || format!("{text:?} cannot be a header value");
    HeaderValue::from_bytes(&bytes.map_err(|_| unfit())?).map_err(|_| unfit())
}

/// The characters of a header value, one for each byte.
pub(crate) fn latin1_text(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn built(table: &Value) -> Request<Bytes> {
        build(table, &[]).unwrap()
    }

    fn sent_body(table: &Value) -> (String, String) {
        let mut table = table.clone();
        table["method"] = json!("POST");
        table["path"] = json!("/");
        let request = built(&table);
        let length = request.headers()[CONTENT_LENGTH].to_str().unwrap().to_owned();
        assert_eq!(length, request.body().len().to_string());
        let content_type = request.headers().get(CONTENT_TYPE);
        let content_type = content_type.map_or("", |value| value.to_str().unwrap()).to_owned();
        (String::from_utf8_lossy(request.body()).into_owned(), content_type)
    }

    #[test]
    fn sends_the_default_headers() {
        let request = built(&json!({"method": "GET", "path": "/user/"}));
        let headers = request.headers();
        assert_eq!(headers[HOST], "testserver");
        assert_eq!(headers[ACCEPT], "application/json");
        assert_eq!(headers[CONNECTION], "close");
        assert!(!headers.contains_key(CONTENT_LENGTH) && !headers.contains_key(COOKIE));
    }

    #[test]
    fn headers_replace_repeat_and_remove() {
        let table = json!({"method": "POST", "path": "/", "json": {}, "headers": {
            "host": "other", "Accept": null, "Content-type": "text/plain",
            "X-Two": ["a", "b"], "Authorization": " T\u{f6}ken \u{a0}\t"}});
        let cookies = [("a".to_owned(), "1".to_owned()), ("b".to_owned(), "2".to_owned())];
        let request = build(&table, &cookies).unwrap();
        let headers = request.headers();
        assert_eq!(headers[HOST], "other");
        assert!(!headers.contains_key(ACCEPT));
        assert_eq!(headers[CONTENT_TYPE], "text/plain");
        assert_eq!(headers[COOKIE], "a=1; b=2");
        assert_eq!(headers.get_all("x-two").iter().count(), 2);
        assert_eq!(headers["authorization"].as_bytes(), b"T\xf6ken \xa0");
        let table = json!({"method": "GET", "path": "/", "headers": {"X": "\u{20ac}"}});
        assert!(build(&table, &[]).is_err());
    }

    #[test]
    fn targets_are_sent_as_they_are() {
        for path in ["/", "//login/", "/%6Cogin/?a=%20&b", "/user/?format=json"] {
            let request = built(&json!({"method": "GET", "path": path}));
            assert_eq!(request.uri().to_string(), path);
        }
        assert!(target("/a b").is_err());
        assert!(target("/a#b").is_err());
    }

    #[test]
    fn encodes_every_kind_of_body() {
        let (body, kind) = sent_body(&json!({"json": {"b": [1, 2.0], "a": "\u{e9}"}}));
        assert_eq!(
            (body.as_str(), kind.as_str()),
            ("{\"b\":[1,2.0],\"a\":\"\u{e9}\"}", "application/json")
        );
        let (body, kind) = sent_body(&json!({"form": {"a": "x y&\u{e9}", "b": true}}));
        assert_eq!(body, "a=x+y%26%C3%A9&b=True");
        assert_eq!(kind, "application/x-www-form-urlencoded");
        assert_eq!(sent_body(&json!({"form": [["a", "1"], ["a", 2]]})).0, "a=1&a=2");
        let raw = json!({"raw": ["a", {"$repeat": ["[", 3]}, {"$b64": "Yg=="}]});
        assert_eq!(sent_body(&raw), ("a[[[b".to_owned(), String::new()));
        let raw = json!({"raw": "x", "content_type": "text/x"});
        assert_eq!(sent_body(&raw), ("x".to_owned(), "text/x".to_owned()));
    }

    #[test]
    fn encodes_multipart_with_files() {
        let table = json!({"multipart": {"a": "1",
            "f": {"filename": "n.txt", "content": "hi", "type": "text/plain"}}});
        let (body, kind) = sent_body(&table);
        assert_eq!(kind, format!("multipart/form-data; boundary={BOUNDARY}"));
        let want = "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n\
            --B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"n.txt\"\r\n\
            Content-Type: text/plain\r\n\r\nhi\r\n--B--\r\n";
        assert_eq!(body.replace(BOUNDARY, "B"), want);
    }
}
