//! The answer of an endpoint, before it is translated and written in a representation.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, StatusCode};
use rest_auth_domain::cookie::Cookie;
use rest_auth_domain::field_errors::FieldErrors;
use rest_auth_domain::language::Language;
use rest_auth_domain::message::Message;
use rest_auth_flows::current_session::OpenSession;
use rest_auth_flows::error::Refusal;
use rest_auth_flows::login::Method;
use serde::Serialize;

use crate::answers;

/// An answer that is not written yet.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) body: Body,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    /// In the order in which they are set.
    pub(crate) cookies: Vec<Cookie>,
    /// The change to the session, if the handler made one.
    pub(crate) session: Option<SessionOutcome>,
    /// Whether the answer depends on the session cookie.
    pub(crate) touched_session: bool,
    /// Whether it has new credentials, in its body or in cookies.
    pub(crate) has_credentials: bool,
}

/// A change to the session.
#[derive(Debug)]
pub(crate) enum SessionOutcome {
    /// The session has this key and these data now.
    Set(OpenSession),
    /// The session has ended.
    Ended,
}

/// The contents of an answer.
#[derive(Debug)]
pub(crate) enum Body {
    /// None at all.
    Empty,
    /// `{"detail": …}`.
    Detail(Message),
    /// A JSON document, written out without blanks.
    Json(Vec<u8>),
    /// Field errors.
    Errors(FieldErrors),
    /// Why credentials were refused.
    Refusal(Refusal),
    /// What the user has to prove again.
    Reauthentication {
        /// What the user can prove.
        methods: Vec<Method>,
        /// How old a proof may be.
        max_age: Duration,
    },
    /// An HTML page about the status, where Django answers before DRF does.
    Page,
    /// A page of ours.
    Html(String),
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
            has_credentials: false,
        }
    }

    /// 200 with a document.
    pub(crate) fn json(document: &impl Serialize) -> Self {
        match serde_json::to_vec(document) {
            Ok(json) => Self::new(StatusCode::OK, Body::Json(json)),
            Err(error) => {
                tracing::error!(%error, "an answer is no JSON");
                Self::detail(StatusCode::INTERNAL_SERVER_ERROR, Message::ServerError)
            }
        }
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
    pub(crate) fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
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

    /// With a session that continues under a new key, if there is one.
    #[must_use]
    pub(crate) fn renewing(self, session: Option<OpenSession>) -> Self {
        match session {
            Some(session) => self.session(SessionOutcome::Set(session)),
            None => self,
        }
    }

    /// The same, with new credentials in it.
    #[must_use]
    pub(crate) fn handing_out(self) -> Self {
        Self { has_credentials: true, ..self }
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
    /// The document in a language, written out; `None` for an answer without one. `form_key` is the
    /// key of errors that concern the whole form.
    pub(crate) fn into_json(self, language: &Language, form_key: &str) -> Option<Vec<u8>> {
        let written = match self {
            Self::Empty | Self::Page | Self::Html(_) => return None,
            Self::Json(json) => return Some(json),
            Self::Detail(message) => serde_json::to_vec(&answers::Detail::new(&message, language)),
            Self::Errors(errors) => {
                serde_json::to_vec(&answers::FieldErrors::new(&errors, language, form_key))
            }
            Self::Reauthentication { methods, .. } => {
                serde_json::to_vec(&answers::ReauthenticationRequired::new(&methods, language))
            }
            Self::Refusal(refusal) => {
                serde_json::to_vec(&answers::AuthenticationError::new(&refusal, language))
            }
        };
        // Maps of texts are always JSON.
        written.ok()
    }
}
