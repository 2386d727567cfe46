//! Texts in double quotes, with Python's idea of escapes and of surrogate pairs.

use super::error::{SyntaxError, SyntaxProblem};
use super::value::JsonText;

/// Reads the rest of a text whose opening quote is at byte `quote`. Returns the text and the byte
/// after its closing quote.
///
/// # Errors
/// When the text does not end, or holds a control character or a wrong escape.
pub(super) fn scan(text: &str, quote: usize) -> Result<(JsonText, usize), SyntaxError> {
    let bytes = text.as_bytes();
    let unterminated = || SyntaxError::new(SyntaxProblem::UnterminatedString, text, quote);
    let mut collected = Collected::default();
    let mut at = quote + 1;
    loop {
        let start = at;
        while bytes.get(at).is_some_and(|byte| !matches!(byte, b'"' | b'\\' | 0..=0x1f)) {
            at += 1;
        }
        // Both ends stand beside ASCII bytes, so they are character boundaries.
        collected.push_str(text.get(start..at).unwrap_or_default());
        match bytes.get(at) {
            None => return Err(unterminated()),
            Some(b'"') => return Ok((collected.finish(), at + 1)),
            Some(b'\\') => {}
            Some(_) => return Err(SyntaxError::new(SyntaxProblem::ControlCharacter, text, at)),
        }
        let escaped = *bytes.get(at + 1).ok_or_else(unterminated)?;
        if escaped == b'u' {
            let (point, end) = unicode_escape(text, at + 1)?;
            collected.push(point);
            at = end;
        } else {
            let plain = plain_escape(escaped)
                .ok_or_else(|| SyntaxError::new(SyntaxProblem::InvalidEscape, text, at))?;
            collected.push(u32::from(plain));
            at += 2;
        }
    }
}

const fn plain_escape(escaped: u8) -> Option<u8> {
    Some(match escaped {
        b'"' | b'\\' | b'/' => escaped,
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        _ => return None,
    })
}

/// Reads `XXXX` after the `u` at byte `letter`, and a second `\uXXXX` if both make a pair.
fn unicode_escape(text: &str, letter: usize) -> Result<(u32, usize), SyntaxError> {
    let bytes = text.as_bytes();
    let end = letter + 5;
    // Like Python, want one more character behind the digits: a text cannot end here anyway.
    let first = hex4(bytes, letter + 1)
        .filter(|_| end < bytes.len())
        .ok_or_else(|| SyntaxError::new(SyntaxProblem::InvalidUnicodeEscape, text, letter))?;
    let paired = (0xd800..0xdc00).contains(&first)
        && bytes.get(end..end + 2) == Some(b"\\u")
        && end + 6 < bytes.len();
    if let Some(second) = hex4(bytes, end + 2).filter(|second| paired && is_low(*second)) {
        return Ok((0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00), end + 6));
    }
    Ok((first, end))
}

fn is_low(point: u32) -> bool {
    (0xdc00..0xe000).contains(&point)
}

fn hex4(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.iter().try_fold(0, |number, digit| {
        char::from(*digit).to_digit(16).map(|digit| number * 16 + digit)
    })
}

/// Collects a `String` until the first lone surrogate, code points from then on.
#[derive(Default)]
struct Collected {
    scalar: String,
    points: Option<Vec<u32>>,
}

impl Collected {
    fn push_str(&mut self, text: &str) {
        match &mut self.points {
            None => self.scalar.push_str(text),
            Some(points) => points.extend(text.chars().map(u32::from)),
        }
    }

    fn push(&mut self, point: u32) {
        match (&mut self.points, char::from_u32(point)) {
            (None, Some(character)) => self.scalar.push(character),
            (Some(points), _) => points.push(point),
            (None, None) => {
                let mut points: Vec<u32> = self.scalar.chars().map(u32::from).collect();
                points.push(point);
                self.points = Some(points);
            }
        }
    }

    fn finish(self) -> JsonText {
        self.points.map_or(JsonText::Scalar(self.scalar), JsonText::WithSurrogates)
    }
}
