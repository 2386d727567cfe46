//! What an operation can answer.

use std::borrow::Cow;

use axum::http::StatusCode;
use rest_auth_domain::language::ENGLISH;
use rest_auth_domain::message::Message;
use rest_auth_flows::limits::Action;
use serde_json::{Value, json};

use super::schemas::{self, Named};
use crate::api::Api;

/// One answer. Several outcomes of one status are alternatives.
#[derive(Clone)]
pub(crate) struct Outcome {
    pub(crate) status: StatusCode,
    pub(crate) description: Cow<'static, str>,
    pub(crate) content: Content,
    /// An answer, word for word.
    pub(crate) example: Option<Value>,
    /// Names of cookies that it sets or deletes.
    pub(crate) cookies: Vec<String>,
    /// Other headers, and what they say.
    pub(crate) headers: Vec<(&'static str, &'static str)>,
    /// The name under which operations refer to it, if it is the same for all of them.
    pub(crate) shared: Option<&'static str>,
}

/// The body of an answer.
#[derive(Clone)]
pub(crate) enum Content {
    /// None.
    Empty,
    /// A JSON document.
    Json(Named),
    /// An HTML page about the status.
    Page,
}

impl Outcome {
    pub(crate) fn new(
        status: StatusCode,
        description: impl Into<Cow<'static, str>>,
        content: Content,
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

    /// A document.
    pub(crate) fn json(status: StatusCode, description: &'static str, schema: Named) -> Self {
        Self::new(status, description, Content::Json(schema))
    }

    /// `{"detail": …}` with this sentence.
    pub(crate) fn sentence(status: StatusCode, message: &Message) -> Self {
        let text = message.text(&ENGLISH);
        let example = json!({ "detail": text });
        Self { example: Some(example), ..Self::new(status, text, Content::Json(schemas::detail())) }
    }

    /// A token in the body or in a cookie is no good: 401 with a code for programs.
    pub(crate) fn refused(description: &'static str, api: &Api) -> Self {
        Self::json(StatusCode::UNAUTHORIZED, description, schemas::refusal(api)).challenged()
    }

    /// With the header that a 401 has.
    #[must_use]
    pub(crate) fn challenged(self) -> Self {
        self.header("WWW-Authenticate", "The kind of credentials that is asked for.")
    }

    /// 204.
    pub(crate) fn no_content(description: &'static str) -> Self {
        Self::new(StatusCode::NO_CONTENT, description, Content::Empty)
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

/// What a login hands out, as `schemes::logged_in` puts it into an answer.
pub(crate) fn logged_in(api: &Api) -> Outcome {
    handed_out(api, StatusCode::OK, schemas::jwt_login(api))
}

/// What a registration hands out, as `schemes::registered` puts it into an answer.
pub(crate) fn registered(api: &Api) -> Outcome {
    handed_out(api, StatusCode::CREATED, schemas::jwt_registration(api))
}

fn handed_out(api: &Api, status: StatusCode, tokens: Named) -> Outcome {
    let settings = &api.auth().settings().rest_auth;
    let cookies = login_cookies(api);
    let outcome = if settings.use_jwt {
        Outcome::json(status, "The tokens and the user.", tokens)
    } else if settings.token_model {
        Outcome::json(status, "The token.", schemas::token())
    } else {
        Outcome::no_content("Logged in; the session is in its cookie.")
    };
    outcome.cookies(cookies)
}

fn login_cookies(api: &Api) -> Vec<String> {
    let settings = &api.auth().settings().rest_auth;
    let mut names = Vec::new();
    if settings.use_jwt {
        names.extend(jwt_cookies(api));
    }
    if settings.session_login {
        names.push(session_cookie(api));
        names.extend(csrf_cookie(api));
    }
    names
}

/// The cookies that carry JWTs.
pub(crate) fn jwt_cookies(api: &Api) -> Vec<String> {
    let cookies = api.cookies();
    cookies.access.iter().chain(&cookies.refresh).map(|cookie| cookie.name.clone()).collect()
}

/// The cookie that carries the session.
pub(crate) fn session_cookie(api: &Api) -> String {
    api.cookies().session.name.clone()
}

/// The cookie that carries the CSRF token, unless the session keeps it.
pub(crate) fn csrf_cookie(api: &Api) -> Option<String> {
    (!api.settings().csrf.use_sessions).then(|| api.cookies().csrf.name.clone())
}

/// Too many requests.
pub(crate) fn throttled() -> Outcome {
    Outcome::sentence(StatusCode::TOO_MANY_REQUESTS, &Message::Throttled { seconds: 59 })
        .describe("Too many requests.")
        .retry_after()
        .shared("TooManyRequests")
}

/// Another site sent this request with a visitor's browser, or may have.
pub(crate) fn csrf_failed() -> Outcome {
    Outcome::json(
        StatusCode::FORBIDDEN,
        "The request may come from another site: its origin is not trusted, or its CSRF token is \
         missing or wrong.",
        schemas::detail(),
    )
    .shared("CsrfFailed")
}

/// Too many attempts, where one of these actions is limited.
pub(crate) fn limited(api: &Api, actions: &[Action]) -> Option<Outcome> {
    let limits = &api.auth().settings().account.rate_limits;
    actions.iter().any(|action| !limits.of(action.name()).is_empty()).then(throttled)
}

/// A browser was sent here by another site, where that is checked of strangers.
pub(crate) fn foreign_origin(api: &Api) -> Option<Outcome> {
    api.settings().csrf.check_login_origin.then(csrf_failed)
}
