//! An answer, as a client sees it.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, Method, Response, StatusCode};
use serde_json::Value;

use super::cookie::SetCookie;
use super::request::latin1_text;

/// What the server answered to one request.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) cookies: Vec<SetCookie>,
    /// The server's time just after it answered.
    pub(crate) now: DateTime<Utc>,
}

impl Answer {
    /// Reads an answer. A body that HTTP does not let through to the client is dropped.
    pub(crate) fn new(
        method: &Method,
        response: Response<Bytes>,
        now: DateTime<Utc>,
    ) -> Result<Self, String> {
        let (parts, body) = response.into_parts();
        let bodiless = method == Method::HEAD
            || [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED].contains(&parts.status);
        let cookies = parts.headers.get_all(http::header::SET_COOKIE).iter();
        let cookies = cookies.map(|value| SetCookie::parse(&latin1_text(value.as_bytes()), now));
        Ok(Self {
            status: parts.status.as_u16(),
            cookies: cookies.collect::<Result<_, _>>()?,
            headers: parts.headers,
            body: if bodiless { Bytes::new() } else { body },
            now,
        })
    }

    /// The values of a header, joined with commas.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let values = self.headers.get_all(name).iter();
        let values: Vec<String> = values.map(|value| latin1_text(value.as_bytes())).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    /// The body read as JSON, if it is that.
    pub(crate) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// What a step wants to remember: a JSON pointer into the body, or `{"cookie": name}`.
    pub(crate) fn capture(&self, source: &Value) -> Option<Value> {
        if let Some(pointer) = source.as_str() {
            return self.json()?.pointer(pointer).cloned();
        }
        let name = source.get("cookie")?.as_str()?;
        let cookie = self.cookies.iter().find(|cookie| cookie.name == name)?;
        Some(cookie.value.clone().into())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(method: &Method, status: u16) -> Answer {
        let response = Response::builder()
            .status(status)
            .header("X-Two", "a")
            .header("x-two", "b")
            .header("Set-Cookie", "sid=abc; Path=/")
            .body(Bytes::from_static(br#"{"list": [{"k": "v"}], "a/b": 1}"#))
            .unwrap();
        Answer::new(method, response, DateTime::UNIX_EPOCH).unwrap()
    }

    #[test]
    fn gives_headers_and_captures() {
        let answer = answer(&Method::GET, 200);
        assert_eq!(answer.header("x-two").as_deref(), Some("a, b"));
        assert_eq!(answer.header("x-three"), None);
        assert_eq!(answer.capture(&json!("/list/0/k")), Some(json!("v")));
        assert_eq!(answer.capture(&json!("/a~1b")), Some(json!(1)));
        assert_eq!(answer.capture(&json!("/list/1")), None);
        assert_eq!(answer.capture(&json!({"cookie": "sid"})), Some(json!("abc")));
        assert_eq!(answer.capture(&json!({"cookie": "other"})), None);
    }

    #[test]
    fn has_no_body_where_http_has_none() {
        assert!(answer(&Method::HEAD, 200).body.is_empty());
        assert!(answer(&Method::GET, 204).body.is_empty());
        assert!(!answer(&Method::GET, 404).body.is_empty());
    }
}
