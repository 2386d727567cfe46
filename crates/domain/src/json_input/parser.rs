//! Python's JSON grammar: the values.

use std::collections::HashMap;

use super::error::{JsonInputError, SyntaxError, SyntaxProblem};
use super::string;
use super::value::{JsonText, JsonValue};

/// How many lists and objects may stand within each other. Python's parser gives up near 1000.
const DEEPEST: usize = 900;
/// How many digits of a whole number Python converts by default.
const MOST_DIGITS: usize = 4300;

pub(super) struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    /// Reads the one value that the text must consist of.
    pub(super) fn document(mut self) -> Result<JsonValue, JsonInputError> {
        if self.text.starts_with('\u{feff}') {
            return Err(self.problem(SyntaxProblem::ByteOrderMark));
        }
        self.skip_space();
        let value = self.value()?;
        self.skip_space();
        if self.at < self.text.len() {
            return Err(self.problem(SyntaxProblem::ExtraData));
        }
        Ok(value)
    }

    fn value(&mut self) -> Result<JsonValue, JsonInputError> {
        match self.peek() {
            Some(b'"') => self.string().map(JsonValue::Text),
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::list),
            _ => self.word_or_number(),
        }
    }

    fn nested(
        &mut self,
        read: fn(&mut Self) -> Result<JsonValue, JsonInputError>,
    ) -> Result<JsonValue, JsonInputError> {
        if self.depth >= DEEPEST {
            return Err(self.problem(SyntaxProblem::TooDeep));
        }
        self.depth += 1;
        self.at += 1;
        self.skip_space();
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn object(&mut self) -> Result<JsonValue, JsonInputError> {
        let mut entries: Vec<(JsonText, JsonValue)> = Vec::new();
        // A map of places: looking for duplicates one by one would be quadratic in the body.
        let mut places: HashMap<JsonText, usize> = HashMap::new();
        if self.take(b'}') {
            return Ok(JsonValue::Object(entries));
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.problem(SyntaxProblem::ExpectingName));
            }
            let key = self.string()?;
            self.skip_space();
            if !self.take(b':') {
                return Err(self.problem(SyntaxProblem::ExpectingColon));
            }
            self.skip_space();
            let value = self.value()?;
            let place = *places.entry(key.clone()).or_insert(entries.len());
            if let Some(entry) = entries.get_mut(place) {
                entry.1 = value;
            } else {
                entries.push((key, value));
            }
            if self.closes(b'}')? {
                return Ok(JsonValue::Object(entries));
            }
        }
    }

    fn list(&mut self) -> Result<JsonValue, JsonInputError> {
        let mut items = Vec::new();
        if self.take(b']') {
            return Ok(JsonValue::List(items));
        }
        loop {
            items.push(self.value()?);
            if self.closes(b']')? {
                return Ok(JsonValue::List(items));
            }
        }
    }

    /// After an item: whether the bracket closes. If not, a comma is read over.
    fn closes(&mut self, bracket: u8) -> Result<bool, JsonInputError> {
        self.skip_space();
        if self.take(bracket) {
            return Ok(true);
        }
        if !self.take(b',') {
            return Err(self.problem(SyntaxProblem::ExpectingComma));
        }
        self.skip_space();
        Ok(false)
    }

    fn word_or_number(&mut self) -> Result<JsonValue, JsonInputError> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let words = [
            ("null", JsonValue::Null),
            ("true", JsonValue::Bool(true)),
            ("false", JsonValue::Bool(false)),
        ];
        for (word, value) in words {
            if rest.starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        for word in ["NaN", "Infinity", "-Infinity"] {
            if rest.starts_with(word) {
                return Err(JsonInputError::NotFinite(word));
            }
        }
        self.number(rest)
    }

    fn number(&mut self, rest: &str) -> Result<JsonValue, JsonInputError> {
        let bytes = rest.as_bytes();
        let sign = usize::from(bytes.first() == Some(&b'-'));
        let whole = match bytes.get(sign) {
            Some(b'0') => 1,
            _ => digits(bytes, sign),
        };
        if whole == 0 {
            return Err(self.problem(SyntaxProblem::ExpectingValue));
        }
        let end_of_whole = sign + whole;
        let end = after_exponent(bytes, after_fraction(bytes, end_of_whole));
        let printed = rest.get(..end).unwrap_or_default();
        self.at += end;
        if end > end_of_whole {
            // The grammar is a part of Rust's; what is too large becomes infinite, as in Python.
            return Ok(JsonValue::Float(printed.parse().unwrap_or(f64::INFINITY)));
        }
        if whole > MOST_DIGITS {
            return Err(JsonInputError::TooManyDigits(whole));
        }
        let printed = if printed == "-0" { "0" } else { printed };
        Ok(JsonValue::Int(printed.to_owned()))
    }

    fn string(&mut self) -> Result<JsonText, JsonInputError> {
        let (text, end) = string::scan(self.text, self.at)?;
        self.at = end;
        Ok(text)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, wanted: u8) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn problem(&self, problem: SyntaxProblem) -> JsonInputError {
        SyntaxError::new(problem, self.text, self.at).into()
    }
}

fn digits(bytes: &[u8], from: usize) -> usize {
    bytes.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count()
}

/// The end of `.digits` at `at`, or `at` if there is none.
fn after_fraction(bytes: &[u8], at: usize) -> usize {
    match (bytes.get(at), digits(bytes, at + 1)) {
        (Some(b'.'), count) if count > 0 => at + 1 + count,
        _ => at,
    }
}

/// The end of `e`, a sign and digits at `at`, or `at` if there is none.
fn after_exponent(bytes: &[u8], at: usize) -> usize {
    if !matches!(bytes.get(at), Some(b'e' | b'E')) {
        return at;
    }
    let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
    match digits(bytes, at + 1 + sign) {
        0 => at,
        count => at + 1 + sign + count,
    }
}
