//! What an endpoint answers, before it is put into a language and a representation.

use axum::http::{HeaderName, HeaderValue, StatusCode};
use rest_auth_domain::cookie::Cookie;
use rest_auth_domain::field_errors::{FieldErrors, NON_FIELD_ERRORS};
use rest_auth_domain::language::Language;
use rest_auth_domain::message::Message;
use rest_auth_flows::current_session::OpenSession;
use rest_auth_flows::error::Refusal;
use serde_json::{Map, Value, json};

/// An answer in the making.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) body: Body,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    /// In the order in which they are set.
    pub(crate) cookies: Vec<Cookie>,
    /// What became of the session, if the handler changed it.
    pub(crate) session: Option<SessionOutcome>,
    /// Whether the answer depends on the session cookie.
    pub(crate) touched_session: bool,
}

/// What a handler did to the session.
#[derive(Debug)]
pub(crate) enum SessionOutcome {
    /// It is this one now.
    Set(OpenSession),
    /// There is none any more.
    Ended,
}

/// The contents of an answer.
#[derive(Debug)]
pub(crate) enum Body {
    /// None at all.
    Empty,
    /// `{"detail": …}`.
    Detail(Message),
    /// A JSON document.
    Json(Value),
    /// Field errors.
    Errors(FieldErrors),
    /// Why credentials were refused.
    Refusal(Refusal),
    /// An HTML page about the status, where Django answers before DRF does.
    Page,
}

impl Reply {
    pub(crate) fn new(status: StatusCode, body: Body) -> Self {
        Self {
            status,
            body,
            headers: Vec::new(),
            cookies: Vec::new(),
            session: None,
            touched_session: false,
        }
    }

    /// 200 with a document.
    pub(crate) fn json(value: Value) -> Self {
        Self::new(StatusCode::OK, Body::Json(value))
    }

    /// A sentence.
    pub(crate) fn detail(status: StatusCode, message: Message) -> Self {
        Self::new(status, Body::Detail(message))
    }

    /// 204.
    pub(crate) fn no_content() -> Self {
        Self::new(StatusCode::NO_CONTENT, Body::Empty)
    }

    #[must_use]
    pub(crate) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    #[must_use]
    pub(crate) fn session(mut self, outcome: SessionOutcome) -> Self {
        self.session = Some(outcome);
        self
    }

    /// With the session that goes on under a new key, if one does.
    #[must_use]
    pub(crate) fn renewing(self, session: Option<OpenSession>) -> Self {
        match session {
            Some(session) => self.session(SessionOutcome::Set(session)),
            None => self,
        }
    }

    #[must_use]
    pub(crate) fn cookie(mut self, cookie: Cookie) -> Self {
        self.cookies.push(cookie);
        self
    }

    #[must_use]
    pub(crate) fn cookies(mut self, cookies: impl IntoIterator<Item = Cookie>) -> Self {
        self.cookies.extend(cookies);
        self
    }
}

impl Body {
    /// The document in a language; `None` for an answer without one.
    pub(crate) fn document(self, language: &Language) -> Option<Value> {
        match self {
            Self::Empty | Self::Page => None,
            Self::Detail(message) => Some(json!({ "detail": message.text(language) })),
            Self::Json(value) => Some(value),
            Self::Errors(errors) => Some(errors.to_json(language, NON_FIELD_ERRORS)),
            Self::Refusal(refusal) => Some(refusal_document(&refusal, language)),
        }
    }
}

/// SimpleJWT's shape: the sentence, its code, and for access tokens what each accepted type says.
fn refusal_document(refusal: &Refusal, language: &Language) -> Value {
    let mut document = Map::new();
    document.insert("detail".into(), refusal.message.text(language).into());
    if let Some(code) = refusal.message.code().filter(|_| refusal.coded) {
        document.insert("code".into(), code.into());
    }
    if let Some(problem) = &refusal.token_problem {
        let message = json!({
            "token_class": "AccessToken",
            "token_type": "access",
            "message": problem.text(language),
        });
        document.insert("messages".into(), Value::Array(vec![message]));
    }
    Value::Object(document)
}
