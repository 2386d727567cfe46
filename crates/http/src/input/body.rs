//! The contents of a body of any of the three types.

use rest_auth_domain::char_field::{FormText, Presence};
use rest_auth_domain::header_parameters::HeaderParameters;
use rest_auth_domain::json_input::charset::{Charset, UnsupportedCharset};
use rest_auth_domain::json_input::{self, JsonInputError, JsonText, JsonValue};
use rest_auth_domain::message::Message;

use super::{form_body, multipart};
use crate::api_request::{ApiRequest, RequestBody};
use crate::error::ApiError;
use crate::settings::rest_framework::BodyParser;

/// The contents of a body.
#[derive(Debug)]
pub(crate) enum Input {
    /// Named values. An empty body has none.
    Fields(Fields),
    /// JSON `null`.
    Null,
    /// A JSON value of another type, by the name of the type in the error message.
    NotADictionary(&'static str),
}

/// Named values; of a repeated name the last counts.
#[derive(Debug, Default)]
pub(crate) struct Fields(pub(super) Vec<(String, RawValue)>);

/// One value as the parsers deliver it.
#[derive(Debug)]
pub(crate) enum RawValue {
    /// Of a JSON document.
    Json(JsonValue),
    /// Of a form.
    Text(String),
    /// An uploaded file. No endpoint accepts one.
    File,
}

impl Fields {
    pub(crate) fn get(&self, name: &str) -> Presence<'_> {
        match self.0.iter().rev().find(|(known, _)| known == name) {
            None => Presence::Missing,
            Some((_, RawValue::Json(value))) => Presence::Json(value),
            Some((_, RawValue::Text(text))) => Presence::Form(FormText(text)),
            Some((_, RawValue::File)) => Presence::File,
        }
    }

    /// The text of a field, without any rules applied.
    pub(crate) fn raw_text(&self, name: &str) -> Option<String> {
        match self.get(name) {
            Presence::Form(FormText(text)) => Some(text.to_owned()),
            Presence::Json(JsonValue::Text(JsonText::Scalar(text))) => Some(text.clone()),
            Presence::Json(_) | Presence::Missing | Presence::File => None,
        }
    }
}

impl Input {
    /// Reads the body of a request.
    ///
    /// # Errors
    /// 415 for another content type, 400 for a body that does not match its content type.
    pub(crate) fn read(request: &ApiRequest) -> Result<Self, ApiError> {
        let bytes = match request.body() {
            RequestBody::TooLarge => return Err(ApiError::TooLarge),
            RequestBody::Read(bytes) => bytes,
        };
        if bytes.is_empty() {
            return Ok(Self::Fields(Fields::default()));
        }
        let header = request.content_type();
        let media_type = MediaType::parse(&header);
        let limits = request.api().limits();
        let parsers = &request.api().settings().rest_framework.default_parser_classes;
        let parser = parsers.iter().find(|parser| media_type.matches(parser.media_type()));
        let charset = || Charset::from_label(media_type.charset()).map_err(unreadable_charset);
        match parser {
            Some(BodyParser::Json) => Self::from_json(bytes, media_type.charset()),
            Some(BodyParser::Form) => {
                form_body::urlencoded(bytes, charset()?, limits).map(Self::Fields)
            }
            Some(BodyParser::Multipart) => {
                multipart::read(bytes, &header, charset()?, limits).map(Self::Fields)
            }
            None => Err(ApiError::UnsupportedMediaType(header)),
        }
    }

    /// Reads a JSON document, in UTF-8 unless `charset` says otherwise.
    ///
    /// # Errors
    /// 400 if it is none.
    pub(crate) fn from_json(bytes: &[u8], charset: Option<&str>) -> Result<Self, ApiError> {
        let value = json_input::read(bytes, charset).map_err(unreadable)?;
        Ok(match value {
            JsonValue::Null => Input::Null,
            JsonValue::Object(entries) => Input::Fields(Fields(
                entries
                    .into_iter()
                    // No field has a name with a lone surrogate.
                    .filter_map(|(name, value)| match name {
                        JsonText::Scalar(name) => Some((name, RawValue::Json(value))),
                        JsonText::WithSurrogates(_) => None,
                    })
                    .collect(),
            )),
            other => Input::NotADictionary(other.type_name()),
        })
    }

    /// These texts, as a form would send them.
    pub(crate) fn of_texts(texts: impl IntoIterator<Item = (String, String)>) -> Self {
        let given = texts.into_iter().map(|(name, text)| (name, RawValue::Text(text)));
        Self::Fields(Fields(given.collect()))
    }

    /// The fields, if there are any.
    pub(crate) fn fields(&self) -> Option<&Fields> {
        match self {
            Self::Fields(fields) => Some(fields),
            Self::Null | Self::NotADictionary(_) => None,
        }
    }
}

fn unreadable(error: JsonInputError) -> ApiError {
    match error {
        JsonInputError::Charset(charset) => unreadable_charset(charset),
        other => {
            let detail = other.to_string();
            let problem = detail.strip_prefix("JSON parse error - ").unwrap_or(&detail);
            ApiError::Malformed(Message::JsonParseError { problem: problem.to_owned() })
        }
    }
}

fn unreadable_charset(UnsupportedCharset(charset): UnsupportedCharset) -> ApiError {
    ApiError::Malformed(Message::UnsupportedCharset { charset })
}

/// Whether a field was not there, or was JSON `null`.
pub(crate) fn is_absent(given: Presence<'_>) -> bool {
    matches!(given, Presence::Missing | Presence::Json(JsonValue::Null))
}

/// The longest content type that a parser is looked for, in bytes.
const LONGEST_TYPE: usize = 256;

/// A parsed content type (RFC 9110, section 8.3.1), as far as parsers care.
#[derive(Default)]
pub(crate) struct MediaType(HeaderParameters);

impl MediaType {
    /// Reads a content type. One that is too long, or cannot be read, is none of those known.
    pub(crate) fn parse(header: &str) -> Self {
        if header.len() > LONGEST_TYPE {
            return Self::default();
        }
        Self(HeaderParameters::parse(header).unwrap_or_default())
    }

    /// Whether it is of this type, given in lower case.
    pub(crate) fn is(&self, essence: &str) -> bool {
        self.0.value == essence
    }

    /// Whether it is of this type, or has a `*` for what differs.
    fn matches(&self, essence: &str) -> bool {
        let halves = |essence| str::split_once(essence, '/').unwrap_or((essence, ""));
        let (ours, theirs) = (halves(&self.0.value), halves(essence));
        (ours.0 == "*" || ours.0 == theirs.0) && (ours.1 == "*" || ours.1 == theirs.1)
    }

    fn charset(&self) -> Option<&str> {
        self.0.get("charset")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_in_a_content_type_is_any_word() {
        for (header, json, form) in [
            ("application/json", true, false),
            ("APPLICATION/JSON; charset=x", true, false),
            ("*/*", true, true),
            ("application/*", true, true),
            ("*/x-www-form-urlencoded", false, true),
            ("text/*", false, false),
            ("*", false, false),
            ("", false, false),
            ("application", false, false),
        ] {
            let media_type = MediaType::parse(header);
            assert_eq!(media_type.matches("application/json"), json, "{header}");
            assert_eq!(media_type.matches("application/x-www-form-urlencoded"), form, "{header}");
        }
    }
}
