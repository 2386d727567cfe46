//! Requests of all kinds, from ordinary to nonsense.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE};
use http::{HeaderName, HeaderValue, Method, Request, Uri};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::fixture::Secrets;
use crate::texts::{DOCUMENTS, FIELDS, HEADERS, HONEST, PATHS, TEXTS, VALUES};

/// A request, readable when a test fails.
#[derive(Clone, Debug)]
pub(crate) struct Hostile {
    method: String,
    target: String,
    headers: Vec<(String, Vec<u8>)>,
    content_type: Option<String>,
    body: Body,
    logged_in: bool,
}

#[derive(Clone, Debug)]
enum Body {
    None,
    /// A text that should be JSON.
    Json(String),
    /// Named values, in one of the two forms.
    Form(Vec<(String, String)>),
    Multipart(Vec<(String, String)>),
    Bytes(Vec<u8>),
}

impl Hostile {
    /// The request itself; `None` if HTTP knows no such request.
    pub(crate) fn build(&self, secrets: &Secrets) -> Option<Request<Bytes>> {
        let target: Uri = filled_in(&self.target, secrets).parse().ok()?;
        let method = Method::from_bytes(self.method.as_bytes()).ok()?;
        let (own_type, body) = self.body.encode(secrets);
        let mut request = Request::new(Bytes::from(body));
        *request.method_mut() = method;
        *request.uri_mut() = target;
        let headers = request.headers_mut();
        if self.logged_in {
            let pairs: Vec<_> = secrets.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
            headers.append(COOKIE, pairs.join("; ").parse().ok()?);
            headers.append("x-csrftoken", secrets.csrf.parse().ok()?);
            if !secrets.token.is_empty() {
                headers.append("authorization", format!("Token {}", secrets.token).parse().ok()?);
            }
        }
        let content_type = self.content_type.as_deref().unwrap_or(own_type);
        if !content_type.is_empty() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_str(content_type).ok()?);
        }
        for (name, value) in &self.headers {
            let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
            let value = filled_in_bytes(value, secrets);
            headers.append(name, HeaderValue::from_bytes(&value).ok()?);
        }
        Some(request)
    }
}

impl Body {
    fn encode(&self, secrets: &Secrets) -> (&'static str, Vec<u8>) {
        match self {
            Self::None => ("", Vec::new()),
            Self::Json(text) => ("application/json", filled_in(text, secrets).into_bytes()),
            Self::Form(fields) => {
                let mut form = form_urlencoded::Serializer::new(String::new());
                for (name, value) in fields {
                    form.append_pair(name, &filled_in(value, secrets));
                }
                ("application/x-www-form-urlencoded", form.finish().into_bytes())
            }
            Self::Multipart(fields) => {
                let part = |(name, value): &(String, String)| {
                    let value = filled_in(value, secrets);
                    format!(
                        "--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
                    )
                };
                let parts: String = fields.iter().map(part).collect();
                ("multipart/form-data; boundary=b", format!("{parts}--b--\r\n").into_bytes())
            }
            Self::Bytes(bytes) => ("application/json", bytes.clone()),
        }
    }
}

fn filled_in(text: &str, secrets: &Secrets) -> String {
    text.replace("<username>", &secrets.username)
        .replace("<email>", &secrets.email)
        .replace("<password>", &secrets.password)
        .replace("<token>", &secrets.token)
        .replace("<access>", &secrets.access)
        .replace("<refresh>", &secrets.refresh)
        .replace("<csrf>", &secrets.csrf)
        .replace("<uid>", &secrets.uid)
        .replace("<reset token>", &secrets.reset_token)
        .replace("<key>", &secrets.key)
        .replace("<address>", &secrets.address)
        .replace("<passkey>", &secrets.passkeys.id)
        .replace("<made>", &secrets.passkeys.made)
        .replace("<login>", &secrets.passkeys.login)
        .replace("<session id>", &secrets.passkeys.session_id)
        .replace("<activation token>", &secrets.passkeys.activation_token)
}

fn filled_in_bytes(value: &[u8], secrets: &Secrets) -> Vec<u8> {
    match std::str::from_utf8(value) {
        Ok(text) => filled_in(text, secrets).into_bytes(),
        Err(_) => value.to_vec(),
    }
}

/// Any request.
pub(crate) fn request() -> impl Strategy<Value = Hostile> {
    prop_oneof![nearly_honest(), nonsense()]
}

fn nonsense() -> impl Strategy<Value = Hostile> {
    let method = prop_oneof![
        8 => Just("POST".to_owned()),
        4 => select(&["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"][..])
            .prop_map(str::to_owned),
        1 => "[A-Za-z!#$%&'*+.^_`|~-]{1,12}",
    ];
    (method, target(), vec(header(), 0..4), content_type(), body(), any::<bool>()).prop_map(
        |(method, target, headers, content_type, body, logged_in)| Hostile {
            method,
            target,
            headers,
            content_type,
            body,
            logged_in,
        },
    )
}

fn target() -> impl Strategy<Value = String> {
    let path = prop_oneof![
        12 => select(&PATHS[..]).prop_map(str::to_owned),
        1 => select(&PATHS[..]).prop_map(|path| path.trim_end_matches('/').replace('o', "%6F")),
        1 => "/[a-z%./;:@&=+$,~!*'()-]{0,20}",
    ];
    let query = prop_oneof![
        6 => Just(String::new()),
        1 => select(&["?format=json", "?format=api", "?format=xml", "?next=//evil.example"][..])
            .prop_map(str::to_owned),
        1 => "\\?[a-z0-9%&=+;]{0,30}",
    ];
    (path, query).prop_map(|(path, query)| {
        let path = if path.starts_with('/') { path } else { format!("/{path}") };
        format!("{path}{query}")
    })
}

fn header() -> impl Strategy<Value = (String, Vec<u8>)> {
    let value = prop_oneof![
        6 => select(&VALUES[..]).prop_map(|value| value.as_bytes().to_vec()),
        1 => vec(prop_oneof![0x20u8..0x7f, 0x80u8..=0xff, Just(b'\t')], 0..40),
        1 => (select(&["a", ",", ";", "=", "a=b; ", "1.1.1.1,"][..]), 1usize..400)
            .prop_map(|(part, times)| part.repeat(times).into_bytes()),
    ];
    (select(&HEADERS[..]).prop_map(str::to_owned), value)
}

fn content_type() -> impl Strategy<Value = Option<String>> {
    let odd = select(
        &[
            "",
            "application/json; charset=utf-16",
            "application/json; charset=latin-1",
            "application/json; charset=nonsense",
            "application/json;charset",
            "application/x-www-form-urlencoded",
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "multipart/form-data; boundary=\"b",
            "multipart/form-data; boundary=b",
            "text/plain",
            "application/xml",
            "/",
            ";;;",
        ][..],
    );
    prop_oneof![4 => Just(None), 1 => odd.prop_map(|kind| Some(kind.to_owned()))]
}

fn body() -> impl Strategy<Value = Body> {
    let fields = || vec(field(), 0..6);
    prop_oneof![
        1 => Just(Body::None),
        8 => vec((name(), json_value()), 0..6).prop_map(|fields| Body::Json(object(&fields))),
        2 => fields().prop_map(Body::Form),
        2 => fields().prop_map(Body::Multipart),
        1 => json_value().prop_map(Body::Json),
        1 => (select(&["[", "{\"a\":", "[{\"username\":[", " ", "9", "\"", "\\u"][..]), 1usize..3000)
            .prop_map(|(part, times)| Body::Json(part.repeat(times))),
        1 => vec(any::<u8>(), 0..200).prop_map(Body::Bytes),
    ]
}

/// What an honest client might send, and perhaps something beside it.
fn nearly_honest() -> impl Strategy<Value = Hostile> {
    let extra = prop_oneof![2 => Just(Vec::new()), 1 => vec((name(), json_value()), 0..2)];
    let headers = prop_oneof![2 => Just(Vec::new()), 1 => vec(header(), 0..2)];
    let as_form = prop::bool::weighted(0.3);
    (select(&HONEST[..]), extra, headers, as_form, prop::bool::weighted(0.7)).prop_map(
        |((method, path, fields), extra, headers, as_form, logged_in)| {
            let fields = fields.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
            let body = if as_form {
                Body::Form(fields.chain(extra).collect())
            } else {
                let quoted = fields.map(|(name, text)| {
                    let is_document = DOCUMENTS.contains(&text.as_str());
                    (name, if is_document { text } else { format!("\"{text}\"") })
                });
                Body::Json(object(&quoted.chain(extra).collect::<Vec<_>>()))
            };
            let (method, target) = (method.to_owned(), path.to_owned());
            Hostile { method, target, headers, content_type: None, body, logged_in }
        },
    )
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![9 => select(&FIELDS[..]).prop_map(str::to_owned), 1 => "[a-z_]{0,8}"]
}

fn field() -> impl Strategy<Value = (String, String)> {
    let value = prop_oneof![
        4 => select(&TEXTS[..]).prop_map(str::to_owned),
        1 => any::<String>(),
        1 => (select(&["a", "\u{e9}", "1"][..]), 1usize..3000).prop_map(|(c, n)| c.repeat(n)),
    ];
    (name(), value)
}

/// The text of a JSON value, as a string so that it can be wrong: numbers that nothing can hold,
/// lone surrogates, names that come twice.
fn json_value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        6 => field().prop_map(|(_, text)| serde_json::Value::from(text).to_string()),
        1 => select(&DOCUMENTS[..]).prop_map(str::to_owned),
        2 => select(&[
            "null", "true", "false", "0", "-0", "1e400", "-1E-400", "0.1e+1",
            "123456789012345678901234567890", "\"\\ud800\"", "\"\\udc00\\ud800\"",
            "\"\\ud83d\\ude00\"", "\"\\u0000\"", "NaN", "-Infinity", "01", "'a'", "\"\t\"", "",
        ][..]).prop_map(str::to_owned),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            vec((name(), inner), 0..4).prop_map(|fields| object(&fields)),
        ]
    })
}

fn object(fields: &[(String, String)]) -> String {
    let pairs: Vec<_> = fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", pairs.join(","))
}
