//! A client of a [`Server`], with a jar for its cookies.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, HOST, SET_COOKIE};
use http::{HeaderMap, Request, Response};
use rest_auth_http::OverTls;
use serde_json::Value;

use crate::server::Server;

/// One browser or program that talks to a server. A clone goes on by itself with the same cookies.
#[derive(Clone)]
pub struct Client {
    server: Arc<Server>,
    /// The cookies that it sends along.
    pub cookies: BTreeMap<String, String>,
    headers: Vec<(String, String)>,
    over_tls: bool,
}

impl Client {
    /// A client without cookies.
    #[must_use]
    pub fn new(server: &Arc<Server>) -> Self {
        let server = Arc::clone(server);
        Self { server, cookies: BTreeMap::new(), headers: Vec::new(), over_tls: false }
    }

    /// The same with a header that goes with every request.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same with an API token.
    #[must_use]
    pub fn with_token(self, token: &str) -> Self {
        self.with(AUTHORIZATION.as_str(), &format!("Token {token}"))
    }

    /// The same with an access token in its header.
    #[must_use]
    pub fn with_bearer(self, token: &str) -> Self {
        self.with(AUTHORIZATION.as_str(), &format!("Bearer {token}"))
    }

    /// The same with the CSRF token of its cookie in the header for it.
    #[must_use]
    pub fn with_csrf(self) -> Self {
        let token = self.cookies.get("csrftoken").cloned().unwrap_or_default();
        self.with("X-CSRFToken", &token)
    }

    /// The same over TLS.
    #[must_use]
    pub fn over_tls(mut self) -> Self {
        self.over_tls = true;
        self
    }

    /// Asks for a page.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, "", Bytes::new()).await
    }

    /// Posts a JSON document.
    pub async fn post(&mut self, path: &str, document: &Value) -> Answer {
        self.json("POST", path, document).await
    }

    /// Sends a JSON document.
    pub async fn json(&mut self, method: &str, path: &str, document: &Value) -> Answer {
        self.send(method, path, "application/json", document.to_string().into()).await
    }

    /// Posts a form.
    pub async fn form(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send("POST", path, "application/x-www-form-urlencoded", body.into()).await
    }

    /// Sends a body of any type; none if the type is empty.
    ///
    /// # Panics
    /// If there can be no such request.
    pub async fn send(&mut self, method: &str, path: &str, kind: &str, body: Bytes) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if self.headers.iter().all(|(name, _)| !name.eq_ignore_ascii_case(HOST.as_str())) {
            request = request.header(HOST, "localhost");
        }
        if !kind.is_empty() {
            request = request.header(CONTENT_TYPE, kind);
        }
        if !self.cookies.is_empty() {
            let pairs: Vec<_> =
                self.cookies.iter().map(|(name, v)| format!("{name}={v}")).collect();
            request = request.header(COOKIE, pairs.join("; "));
        }
        for (name, value) in &self.headers {
            // Bytes outside ASCII are sent as they are.
            request = request.header(name, value.as_bytes());
        }
        if self.over_tls {
            request = request.extension(OverTls);
        }
        let request = match request.body(body) {
            Ok(request) => request,
            Err(error) => panic!("{method} {path} is no request: {error}"),
        };
        let response = self.server.answer(request).await;
        self.keep_cookies(response.headers());
        Answer { to: format!("{method} {path}"), response }
    }

    fn keep_cookies(&mut self, headers: &HeaderMap) {
        for cookie in set_cookies(headers) {
            let Some((name, rest)) = cookie.split_once('=') else { continue };
            let value = rest.split(';').next().unwrap_or_default().trim_matches('"');
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("cookies", &self.cookies)
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}

fn set_cookies(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok())
}

/// An answer, which can say what it is an answer to.
#[derive(Debug)]
pub struct Answer {
    to: String,
    response: Response<Bytes>,
}

impl Answer {
    /// The status code.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        self.response.body()
    }

    /// A header, if it is there.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }

    /// All headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// A cookie as the answer sets it, with its attributes.
    #[must_use]
    pub fn set_cookie(&self, name: &str) -> Option<&str> {
        set_cookies(self.response.headers()).find(|cookie| cookie.split('=').next() == Some(name))
    }

    /// The same answer, if it has this status.
    ///
    /// # Panics
    /// If it has another.
    #[must_use]
    #[track_caller]
    pub fn of(self, status: u16) -> Self {
        assert!(self.status() == status, "wanted {status}, got {self}");
        self
    }

    /// Holds the answer to a status.
    ///
    /// # Panics
    /// If it has another.
    #[track_caller]
    pub fn is(&self, status: u16) {
        assert!(self.status() == status, "wanted {status}, got {self}");
    }

    /// Holds the answer to a status and to words in its body.
    ///
    /// # Panics
    /// If it has another, or lacks the words.
    #[track_caller]
    pub fn says(&self, status: u16, words: &str) {
        self.is(status);
        let text = String::from_utf8_lossy(self.body());
        assert!(text.contains(words), "wanted {words:?}, got {self}");
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// If it is none.
    #[must_use]
    #[track_caller]
    pub fn document(&self) -> Value {
        match serde_json::from_slice(self.body()) {
            Ok(document) => document,
            Err(error) => panic!("no JSON ({error}): {self}"),
        }
    }

    /// A text of the JSON body.
    ///
    /// # Panics
    /// If it is not there.
    #[must_use]
    #[track_caller]
    pub fn text(&self, name: &str) -> String {
        match self.document().get(name).and_then(Value::as_str) {
            Some(text) => text.to_owned(),
            None => panic!("no text {name:?} in {self}"),
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = String::from_utf8_lossy(self.body());
        write!(f, "{} to {}: {body}", self.response.status(), self.to)
    }
}
