//! The possible answers of an operation.

use std::borrow::Cow;

use axum::http::StatusCode;
use rest_auth_domain::language::ENGLISH;
use rest_auth_domain::message::Message;
use serde_json::Value;
use utoipa::ToSchema;

use super::body_schema::BodySchema;
use crate::answers::Detail;

/// One possible answer. Several outcomes with the same status are alternatives.
#[derive(Clone)]
pub(crate) struct PossibleAnswer {
    pub(crate) status: StatusCode,
    pub(crate) description: Cow<'static, str>,
    pub(crate) content: AnswerContent,
    /// An answer, word for word.
    pub(crate) example: Option<Value>,
    /// Names of cookies that it sets or deletes.
    pub(crate) cookies: Vec<String>,
    /// Other headers, with their descriptions.
    pub(crate) headers: Vec<(&'static str, &'static str)>,
    /// The name under which operations refer to it, if it is the same for all of them.
    pub(crate) shared: Option<&'static str>,
}

/// The body of an answer.
#[derive(Clone)]
pub(crate) enum AnswerContent {
    /// None.
    Empty,
    /// A JSON document.
    Json(BodySchema),
    /// An HTML page about the status.
    Page,
}

impl PossibleAnswer {
    pub(crate) fn new(
        status: StatusCode,
        description: impl Into<Cow<'static, str>>,
        content: AnswerContent,
    ) -> Self {
        Self {
            status,
            description: description.into(),
            content,
            example: None,
            cookies: Vec::new(),
            headers: Vec::new(),
            shared: None,
        }
    }

    /// A document of this type.
    pub(crate) fn json<T: ToSchema>(status: StatusCode, description: &'static str) -> Self {
        Self::new(status, description, AnswerContent::Json(BodySchema::of::<T>()))
    }

    /// A list of documents of this type.
    pub(crate) fn list<T: ToSchema>(status: StatusCode, description: &'static str) -> Self {
        Self::new(status, description, AnswerContent::Json(BodySchema::list_of::<T>()))
    }

    /// `{"detail": …}` with this sentence.
    pub(crate) fn sentence(status: StatusCode, message: &Message) -> Self {
        let content = AnswerContent::Json(BodySchema::of::<Detail>());
        Self {
            example: serde_json::to_value(Detail::new(message, &ENGLISH)).ok(),
            ..Self::new(status, message.text(&ENGLISH), content)
        }
    }

    /// With the header that a 401 has.
    #[must_use]
    pub(crate) fn challenged(self) -> Self {
        self.header("WWW-Authenticate", "The kind of credentials that is required.")
    }

    /// 204.
    pub(crate) fn no_content(description: &'static str) -> Self {
        Self::new(StatusCode::NO_CONTENT, description, AnswerContent::Empty)
    }

    #[must_use]
    pub(crate) fn describe(self, description: &'static str) -> Self {
        Self { description: description.into(), ..self }
    }

    #[must_use]
    pub(crate) fn cookies(self, names: Vec<String>) -> Self {
        Self { cookies: names, ..self }
    }

    #[must_use]
    pub(crate) fn header(mut self, name: &'static str, description: &'static str) -> Self {
        self.headers.push((name, description));
        self
    }

    #[must_use]
    pub(crate) fn retry_after(self) -> Self {
        self.header("Retry-After", "Seconds to wait before the next attempt.")
    }

    #[must_use]
    pub(crate) fn shared(self, name: &'static str) -> Self {
        Self { shared: Some(name), ..self }
    }
}
