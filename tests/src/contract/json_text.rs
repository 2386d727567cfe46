//! JSON as Django REST framework writes it: compact, and not escaped beyond need.

use std::io;

use serde_json::Value;
use serde_json::ser::{Formatter, Serializer};

/// A value as JSON without white space, in UTF-8, with numbers as Python writes them.
pub(crate) fn compact(value: &Value) -> String {
    let mut out = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut out, PythonNumbers);
    // Writing a `Value` to memory cannot fail; if it did, the comparison that follows would.
    if serde::Serialize::serialize(value, &mut serializer).is_err() {
        return String::new();
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// As [`compact`], with the two separators escaped that JavaScript once took for line ends, as
/// Django REST framework's renderer does.
pub(crate) fn compact_body(value: &Value) -> String {
    compact(value).replace('\u{2028}', r"\u2028").replace('\u{2029}', r"\u2029")
}

struct PythonNumbers;

impl Formatter for PythonNumbers {
    fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        writer.write_all(python_float(value).as_bytes())
    }
}

/// The shortest spelling that reads back the same, with an exponent where Python's `repr` has one.
fn python_float(value: f64) -> String {
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        return positional(value);
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

fn positional(value: f64) -> String {
    let text = value.to_string();
    if text.contains('.') { text } else { text + ".0" }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn writes_as_python_does() {
        let value = json!({"a": [1, "\u{e9}\n\u{1}\"\u{7f}"], "b": null});
        assert_eq!(compact(&value), "{\"a\":[1,\"\u{e9}\\n\\u0001\\\"\u{7f}\"],\"b\":null}");
        for text in ["1.0", "1e+16", "1e-05", "0.0001", "1234567890123456.0", "-2.5", "1e+100"] {
            let value: Value = serde_json::from_str(text).unwrap();
            assert_eq!(compact(&value), text);
        }
    }

    #[test]
    fn escapes_line_separators_in_bodies_only() {
        let value = json!("\u{2028}\u{2029}");
        assert_eq!(compact_body(&value), "\"\\u2028\\u2029\"");
        assert_eq!(compact(&value), "\"\u{2028}\u{2029}\"");
    }
}
