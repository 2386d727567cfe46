//! Why a body could not be read, in the words of Python's `json`.

use std::fmt;

use thiserror::Error;

use super::charset::UnsupportedCharset;
use super::decode::DecodeError;

/// Why a JSON body was refused. Its text is the untranslated `detail` of the 400 answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum JsonInputError {
    /// The charset of the content type cannot be read.
    #[error(transparent)]
    Charset(#[from] UnsupportedCharset),
    /// The bytes are not text in the charset.
    #[error("JSON parse error - {0}")]
    Decode(#[from] DecodeError),
    /// The text is not JSON.
    #[error("JSON parse error - {0}")]
    Syntax(#[from] SyntaxError),
    /// `NaN`, `Infinity` or `-Infinity`, which Python's parser knows but JSON does not.
    #[error("JSON parse error - Out of range float values are not JSON compliant: '{0}'")]
    NotFinite(&'static str),
    /// A whole number with more digits than Python converts (4300).
    #[error(
        "JSON parse error - Exceeds the limit (4300 digits) for integer string conversion: \
         value has {0} digits; use sys.set_int_max_str_digits() to increase the limit"
    )]
    TooManyDigits(usize),
}

/// What is wrong at the position of a [`SyntaxError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyntaxProblem {
    /// No value begins here.
    ExpectingValue,
    /// No `,` or closing bracket.
    ExpectingComma,
    /// No `:` after a key.
    ExpectingColon,
    /// No key begins here.
    ExpectingName,
    /// Something follows the document.
    ExtraData,
    /// The text beginning here has no end.
    UnterminatedString,
    /// A raw control character within a text.
    ControlCharacter,
    /// A backslash before a character that cannot be escaped.
    InvalidEscape,
    /// `\u` without four hexadecimal digits.
    InvalidUnicodeEscape,
    /// The text begins with a byte order mark.
    ByteOrderMark,
    /// More lists or objects within each other than any caller needs. Python's parser overflows
    /// somewhat later; this refuses in good order.
    TooDeep,
}

impl fmt::Display for SyntaxProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ExpectingValue => "Expecting value",
            Self::ExpectingComma => "Expecting ',' delimiter",
            Self::ExpectingColon => "Expecting ':' delimiter",
            Self::ExpectingName => "Expecting property name enclosed in double quotes",
            Self::ExtraData => "Extra data",
            Self::UnterminatedString => "Unterminated string starting at",
            Self::ControlCharacter => "Invalid control character at",
            Self::InvalidEscape => "Invalid \\escape",
            Self::InvalidUnicodeEscape => "Invalid \\uXXXX escape",
            Self::ByteOrderMark => "Unexpected UTF-8 BOM (decode using utf-8-sig)",
            Self::TooDeep => "Nested too deeply",
        })
    }
}

/// A place in a text where it stops being JSON (Python's `JSONDecodeError`).
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{problem}: line {line} column {column} (char {offset})")]
pub struct SyntaxError {
    /// What is wrong.
    pub problem: SyntaxProblem,
    /// The line, counted from 1.
    pub line: usize,
    /// The column in code points, counted from 1.
    pub column: usize,
    /// The offset in code points, counted from 0.
    pub offset: usize,
}

impl SyntaxError {
    /// The error at byte `at` of `text`.
    pub(super) fn new(problem: SyntaxProblem, text: &str, at: usize) -> Self {
        let before = &text.as_bytes()[..at.min(text.len())];
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let lines = before.split(|byte| *byte == b'\n').count();
        Self {
            problem,
            line: lines,
            column: code_points(&before[line_start..]) + 1,
            offset: code_points(before),
        }
    }
}

/// Counts the bytes that begin a code point.
fn code_points(utf8: &[u8]) -> usize {
    utf8.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}
