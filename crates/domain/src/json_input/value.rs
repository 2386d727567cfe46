//! What a JSON body can hold.

use std::fmt;

use crate::python_text;

/// A value of a request body.
///
/// `Debug` shows types and sizes only, because any of the texts and numbers may be a password.
#[derive(Clone, PartialEq)]
pub enum JsonValue {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number of any size, as Python prints it: decimal digits with an optional `-`.
    Int(String),
    /// A number with a fraction or an exponent. Out of range means infinite, as in Python.
    Float(f64),
    /// A text.
    Text(JsonText),
    /// An array.
    List(Vec<JsonValue>),
    /// An object: of duplicate keys the last value, in the place of the first.
    Object(Vec<(JsonText, JsonValue)>),
}

impl JsonValue {
    /// The name of the Python type, as sentences such as "but got list" use it.
    #[must_use]
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "NoneType",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float",
            Self::Text(_) => "str",
            Self::List(_) => "list",
            Self::Object(_) => "dict",
        }
    }

    /// The value under `key`, if this is an object that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        let Self::Object(entries) = self else { return None };
        entries.iter().find(|(name, _)| name.as_str() == Some(key)).map(|(_, value)| value)
    }

    /// The text that Python's `str()` makes of a text or a number. `None` for everything that a
    /// text field refuses: null, booleans, lists and objects.
    #[must_use]
    pub fn printed(&self) -> Option<JsonText> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Int(digits) => Some(JsonText::Scalar(digits.clone())),
            Self::Float(number) => Some(JsonText::Scalar(python_text::float_repr(*number))),
            Self::Null | Self::Bool(_) | Self::List(_) | Self::Object(_) => None,
        }
    }
}

impl fmt::Debug for JsonValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => text.fmt(f),
            Self::List(items) => write!(f, "list({} items)", items.len()),
            Self::Object(entries) => write!(f, "dict({} keys)", entries.len()),
            other => f.write_str(other.type_name()),
        }
    }
}

/// A text of a JSON body. Python's texts may hold surrogates that belong to no pair.
///
/// `Debug` shows the length only, because the text may be a password.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum JsonText {
    /// An ordinary text.
    Scalar(String),
    /// The code points of a text with at least one lone surrogate (U+D800 to U+DFFF).
    WithSurrogates(Vec<u32>),
}

impl JsonText {
    /// The text, unless it holds a lone surrogate.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Scalar(text) => Some(text),
            Self::WithSurrogates(_) => None,
        }
    }

    /// The first lone surrogate.
    #[must_use]
    pub fn first_surrogate(&self) -> Option<u32> {
        match self {
            Self::Scalar(_) => None,
            Self::WithSurrogates(points) => {
                points.iter().copied().find(|point| char::from_u32(*point).is_none())
            }
        }
    }

    /// The text with U+E000, a private character, in place of each lone surrogate, for rules that
    /// treat both alike: lengths, white space, classes of characters.
    #[must_use]
    pub fn without_surrogates(&self) -> String {
        match self {
            Self::Scalar(text) => text.clone(),
            Self::WithSurrogates(points) => {
                points.iter().map(|point| char::from_u32(*point).unwrap_or('\u{e000}')).collect()
            }
        }
    }
}

impl fmt::Debug for JsonText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = match self {
            Self::Scalar(text) => text.chars().count(),
            Self::WithSurrogates(points) => points.len(),
        };
        write!(f, "str({length} characters)")
    }
}
