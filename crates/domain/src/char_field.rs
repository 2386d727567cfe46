//! Django REST framework's `CharField`: reads one text of a request.

use crate::json_input::{JsonText, JsonValue};
use crate::python_text;

/// What a request says about one field.
#[derive(Clone, Copy, Debug)]
pub enum Presence<'a> {
    /// Nothing.
    Missing,
    /// A value of a JSON object.
    Json(&'a JsonValue),
    /// A value of a URL-encoded or multipart form.
    Form(FormText<'a>),
    /// An uploaded file, where a text is wanted.
    File,
}

/// A value of a form. `Debug` shows its length only, because it may be a password.
#[derive(Clone, Copy)]
pub struct FormText<'a>(pub &'a str);

impl std::fmt::Debug for FormText<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FormText({} bytes)", self.0.len())
    }
}

/// Why a field is refused. The variants stand in the order in which several are reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FieldProblem {
    /// The field is required and missing.
    Required,
    /// `null`.
    Null,
    /// Empty after trimming.
    Blank,
    /// A boolean, list, object or file.
    NotAString,
    /// More code points than this.
    MaxLength(usize),
    /// Fewer code points than this.
    MinLength(usize),
    /// U+0000 within.
    NullCharacters,
    /// A lone surrogate; this is the first.
    Surrogates(u32),
    /// No e-mail address.
    InvalidEmail,
    /// No whole number.
    NotAnInteger,
    /// A text too long to be looked at for a number.
    TooLarge,
    /// A number above this.
    MaxValue(i64),
    /// A number below this.
    MinValue(i64),
    /// No truth value.
    NotABoolean,
    /// No date.
    NotADate,
}

/// The options of one text field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "these are the framework's own options")]
pub struct CharField {
    /// Whether a request must have it.
    pub required: bool,
    /// Whether it may be empty.
    pub allow_blank: bool,
    /// Whether it may be `null`.
    pub allow_null: bool,
    /// Whether white space on both ends is cut off.
    pub trim: bool,
    /// Whether a value of another type is called no e-mail address. The format of a text is a rule of
    /// the form.
    pub email: bool,
    /// The most code points it may have.
    pub max_length: Option<usize>,
    /// The fewest code points it may have.
    pub min_length: Option<usize>,
}

impl CharField {
    /// A required, trimmed text that is neither blank nor null: the framework's defaults.
    #[must_use]
    pub const fn required() -> Self {
        Self {
            required: true,
            allow_blank: false,
            allow_null: false,
            trim: true,
            email: false,
            max_length: None,
            min_length: None,
        }
    }

    /// The same, but it may be missing.
    #[must_use]
    pub const fn optional() -> Self {
        Self { required: false, ..Self::required() }
    }

    /// Lets the field be empty.
    #[must_use]
    pub const fn allow_blank(self) -> Self {
        Self { allow_blank: true, ..self }
    }

    /// Lets the field be `null`.
    #[must_use]
    pub const fn allow_null(self) -> Self {
        Self { allow_null: true, ..self }
    }

    /// Wants an e-mail address.
    #[must_use]
    pub const fn email(self) -> Self {
        Self { email: true, ..self }
    }

    /// Wants at most so many code points.
    #[must_use]
    pub const fn max_length(self, limit: usize) -> Self {
        Self { max_length: Some(limit), ..self }
    }

    /// Wants at least so many code points.
    #[must_use]
    pub const fn min_length(self, limit: usize) -> Self {
        Self { min_length: Some(limit), ..self }
    }

    /// The text that the request gives. `None` if an optional field is missing or one that allows
    /// it is `null`; `given` tells these two apart.
    ///
    /// # Errors
    /// With everything that is wrong, in the order of the answer.
    pub fn check(&self, given: Presence<'_>) -> Result<Option<String>, Vec<FieldProblem>> {
        let text = match given {
            Presence::Missing => return self.missing(),
            Presence::Json(JsonValue::Null) => return self.null(),
            Presence::Json(value) => value.printed(),
            // Empty inputs of a form mean what the field allows: nothing, null or blank.
            Presence::Form(FormText("")) if !self.allow_blank && self.allow_null => {
                return Ok(None);
            }
            Presence::Form(FormText("")) if !self.allow_blank && !self.required => return Ok(None),
            Presence::Form(FormText(text)) => Some(JsonText::Scalar(text.to_owned())),
            Presence::File => None,
        };
        match text {
            Some(text) => self.check_text(&text),
            // The message of an e-mail field takes the place of "not a valid string".
            None if self.email => Err(vec![FieldProblem::InvalidEmail]),
            None => Err(vec![FieldProblem::NotAString]),
        }
    }

    /// The text of a request with blanks cut off as the field wants it, whichever rule it breaks;
    /// `None` if there is none, or nothing in it.
    #[must_use]
    pub fn text(&self, given: Presence<'_>) -> Option<String> {
        let text = match given {
            Presence::Json(value) => value.printed()?.without_surrogates(),
            Presence::Form(FormText(text)) => text.to_owned(),
            Presence::Missing | Presence::File => return None,
        };
        let text = if self.trim { python_text::strip(&text) } else { text.as_str() };
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn missing(&self) -> Result<Option<String>, Vec<FieldProblem>> {
        if self.required { Err(vec![FieldProblem::Required]) } else { Ok(None) }
    }

    fn null(&self) -> Result<Option<String>, Vec<FieldProblem>> {
        if self.allow_null { Ok(None) } else { Err(vec![FieldProblem::Null]) }
    }

    fn check_text(&self, given: &JsonText) -> Result<Option<String>, Vec<FieldProblem>> {
        let whole = given.without_surrogates();
        let text = if self.trim { python_text::strip(&whole) } else { whole.as_str() };
        if text.is_empty() {
            return if self.allow_blank {
                Ok(Some(String::new()))
            } else {
                Err(vec![FieldProblem::Blank])
            };
        }
        let length = text.chars().count();
        let problems: Vec<FieldProblem> = [
            self.max_length.filter(|limit| length > *limit).map(FieldProblem::MaxLength),
            self.min_length.filter(|limit| length < *limit).map(FieldProblem::MinLength),
            text.contains('\0').then_some(FieldProblem::NullCharacters),
            given.first_surrogate().map(FieldProblem::Surrogates),
        ]
        .into_iter()
        .flatten()
        .collect();
        if problems.is_empty() { Ok(Some(text.to_owned())) } else { Err(problems) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json_input::parse;

    const FIELD: CharField = CharField::required();
    const EMAIL: CharField = CharField::required().email();

    fn json(field: CharField, text: &str) -> Result<Option<String>, Vec<FieldProblem>> {
        field.check(Presence::Json(&parse(text).unwrap()))
    }

    #[test]
    fn names_null_characters_and_surrogates() {
        let null = FieldProblem::NullCharacters;
        assert_eq!(json(FIELD, r#""ali\u0000ce""#), Err(vec![null]));
        assert_eq!(json(FIELD, r#""\ud800""#), Err(vec![FieldProblem::Surrogates(0xd800)]));
        assert_eq!(json(FIELD, r#""\ud83d\ude00""#), Ok(Some("😀".to_owned())));
    }

    #[test]
    fn reports_all_that_is_wrong_with_a_text_in_order() {
        let field = EMAIL.max_length(3).min_length(9);
        let problems = vec![
            FieldProblem::MaxLength(3),
            FieldProblem::MinLength(9),
            FieldProblem::NullCharacters,
            FieldProblem::Surrogates(0xdc00),
        ];
        assert_eq!(json(field, r#"" a\u0000\udc00xy ""#), Err(problems));
    }

    #[test]
    fn prints_numbers_and_refuses_other_types() {
        for (value, text) in [("5", "5"), ("12345.0", "12345.0"), ("1e400", "inf")] {
            assert_eq!(json(FIELD, value), Ok(Some(text.to_owned())));
        }
        for value in ["true", "false", "[]", "{}", "[1]"] {
            assert_eq!(json(FIELD, value), Err(vec![FieldProblem::NotAString]));
            assert_eq!(json(EMAIL, value), Err(vec![FieldProblem::InvalidEmail]));
        }
        assert_eq!(FIELD.check(Presence::File), Err(vec![FieldProblem::NotAString]));
    }

    #[test]
    fn tells_missing_null_and_blank_apart() {
        assert_eq!(FIELD.check(Presence::Missing), Err(vec![FieldProblem::Required]));
        assert_eq!(CharField::optional().check(Presence::Missing), Ok(None));
        assert_eq!(json(CharField::optional(), "null"), Err(vec![FieldProblem::Null]));
        assert_eq!(json(CharField::optional(), r#"" ""#), Err(vec![FieldProblem::Blank]));
        assert_eq!(json(FIELD.allow_blank(), r#"" \u001c ""#), Ok(Some(String::new())));
        assert_eq!(json(CharField { trim: false, ..FIELD }, r#"" ""#), Ok(Some(" ".to_owned())));
    }

    #[test]
    fn treats_empty_inputs_of_forms_as_the_field_allows() {
        let form = |field: CharField| field.check(Presence::Form(FormText("")));
        assert_eq!(form(FIELD), Err(vec![FieldProblem::Blank]));
        assert_eq!(form(CharField::optional()), Ok(None));
        assert_eq!(form(FIELD.allow_null()), Ok(None));
        assert_eq!(form(FIELD.allow_blank()), Ok(Some(String::new())));
        let blanks = CharField::optional().check(Presence::Form(FormText("  ")));
        assert_eq!(blanks, Err(vec![FieldProblem::Blank]));
    }

    #[test]
    fn shows_no_contents_when_debugged() {
        let shown = format!("{:?}", Presence::Form(FormText("Wonder-land-42")));
        assert!(!shown.contains("Wonder"), "{shown}");
    }
}
