//! JSON as Python writes it where Django stores or signs it: non-ASCII characters escaped.

use std::fmt::Write as _;

use serde_json::{Map, Number, Value};

use crate::python_text;

/// `json.dumps(value, separators=(",", ":"))`: signed payloads and JWTs.
#[must_use]
pub fn compact_ascii(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value, ",", ":");
    out
}

/// [`compact_ascii`] of an object.
#[must_use]
pub fn compact_ascii_object(entries: &Map<String, Value>) -> String {
    let mut out = String::new();
    write_object(&mut out, entries, ",", ":");
    out
}

/// `json.dumps(value)`: JSON columns on SQLite and MariaDB.
#[must_use]
pub fn spaced_ascii(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value, ", ", ": ");
    out
}

fn write(out: &mut String, value: &Value, comma: &str, colon: &str) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => write_number(out, number),
        Value::String(text) => write_text(out, text),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(comma);
                }
                write(out, item, comma, colon);
            }
            out.push(']');
        }
        Value::Object(entries) => write_object(out, entries, comma, colon),
    }
}

fn write_object(out: &mut String, entries: &Map<String, Value>, comma: &str, colon: &str) {
    out.push('{');
    for (index, (key, item)) in entries.iter().enumerate() {
        if index > 0 {
            out.push_str(comma);
        }
        write_text(out, key);
        out.push_str(colon);
        write(out, item, comma, colon);
    }
    out.push('}');
}

fn write_number(out: &mut String, number: &Number) {
    match number.as_f64().filter(|_| number.is_f64()) {
        Some(float) => out.push_str(&python_text::float_repr(float)),
        None => out.push_str(&number.to_string()),
    }
}

fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    // Writing to a String cannot fail.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn floats_are_written_as_python_writes_them() {
        for (float, text) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.5, "1.5"),
            (100.0, "100.0"),
            (0.0001, "0.0001"),
            (0.000_01, "1e-05"),
            (1.25e-7, "1.25e-07"),
            (9_999_999_999_999_998.0, "9999999999999998.0"),
            (1e16, "1e+16"),
            (1.797_693_134_862_315_7e308, "1.7976931348623157e+308"),
            (-5e-324, "-5e-324"),
        ] {
            assert_eq!(compact_ascii(&json!(float)), text);
        }
    }

    #[test]
    fn controls_and_delete_are_escaped() {
        assert_eq!(compact_ascii(&json!("\u{0}\u{1f}\u{7f}/<")), r#""\u0000\u001f\u007f/<""#);
    }
}
