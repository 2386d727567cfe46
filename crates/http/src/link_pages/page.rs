//! What the pages have in common: their language, what was typed, and the page of a dead link.

use axum::http::StatusCode;
use rest_auth_domain::field_errors::FieldErrors;
use rest_auth_domain::language::{ENGLISH, Language};
use rest_auth_flows::error::AuthError;

use super::html::{self, HtmlPage};
use super::words::{self, Words};
use crate::api_request::ApiRequest;
use crate::error::ApiError;
use crate::input::Input;
use crate::reply::{Body, Reply};

/// How a page speaks.
#[derive(Clone, Copy)]
pub(super) struct Speech<'r> {
    /// The sentences of the page itself.
    pub(super) words: &'static Words,
    /// The language of those of the API. It is the same: a page speaks one.
    pub(super) language: &'r Language,
}

impl<'r> Speech<'r> {
    pub(super) fn of(request: &'r ApiRequest) -> Self {
        match words::of(request.language().code()) {
            Some(words) => Self { words, language: request.language() },
            None => Self { words: words::english(), language: &ENGLISH },
        }
    }

    /// A page that says so in one sentence.
    pub(super) fn says(self, status: StatusCode, title: &str, sentence: &str) -> Reply {
        self.page(status, title, &html::paragraph(sentence))
    }

    pub(super) fn page(self, status: StatusCode, title: &str, content: &str) -> Reply {
        let page = HtmlPage { language: self.words.code, title, content };
        Reply::new(status, Body::Html(page.written()))
    }
}

/// What was typed into these fields. A field that was left empty counts as left out, and what the
/// link says goes before what a form says.
pub(super) fn typed(
    request: &ApiRequest,
    fields: &[&str],
    from_link: &[(&str, &str)],
) -> Result<Vec<(String, String)>, ApiError> {
    let input = Input::read(request)?;
    let text = |name: &str| input.fields()?.raw_text(name).filter(|text| !text.is_empty());
    let wanted = fields.iter().filter(|name| from_link.iter().all(|(link, _)| link != *name));
    let typed = wanted.filter_map(|name| Some(((*name).to_owned(), text(name)?)));
    let linked = from_link.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    Ok(typed.chain(linked).collect())
}

/// The page of a link that works no more.
pub(super) fn dead(status: StatusCode, speech: Speech<'_>, cure: &str) -> Reply {
    let words = speech.words;
    let content = html::paragraph(words.dead) + &html::paragraph(cure);
    speech.page(status, words.dead_title, &content)
}

/// The errors of a form, if that is what went wrong.
pub(super) fn form_errors(error: AuthError) -> Result<FieldErrors, ApiError> {
    match error {
        AuthError::Invalid(errors) => Ok(errors),
        other => Err(other.into()),
    }
}
