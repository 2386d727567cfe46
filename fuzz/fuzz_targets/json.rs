//! Bodies in JSON, in any charset. Python reads more than JSON, so whatever `serde_json` reads is
//! read here, too, and means the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rest_auth_domain::json_input::{self, JsonValue};
use serde_json::Value;

const CHARSETS: [Option<&str>; 6] =
    [None, Some("utf-8"), Some("utf-16"), Some("utf-32"), Some("latin-1"), Some("utf-8-sig")];
/// Python converts no whole number with more digits.
const LONGEST_NUMBER: usize = 4300;

fuzz_target!(|input: &[u8]| {
    let Some((choice, body)) = input.split_first() else { return };
    let charset = CHARSETS[usize::from(*choice) % CHARSETS.len()];
    let read = json_input::read(body, charset);
    if let Err(error) = &read {
        assert!(!error.to_string().is_empty());
    }
    let Ok(text) = std::str::from_utf8(body) else { return };
    if let Ok(wanted) = serde_json::from_str::<Value>(text)
        && body.len() <= LONGEST_NUMBER
    {
        let parsed = json_input::parse(text).expect("this is JSON");
        assert!(is_same(&parsed, &wanted), "{parsed:?} is not {wanted:?}");
    }
});

fn is_same(parsed: &JsonValue, wanted: &Value) -> bool {
    match (parsed, wanted) {
        (JsonValue::Null, Value::Null) => true,
        (JsonValue::Bool(one), Value::Bool(other)) => one == other,
        (JsonValue::Int(digits), Value::Number(number)) => {
            digits.parse::<f64>().ok() == number.as_f64()
        }
        (JsonValue::Float(float), Value::Number(number)) => Some(*float) == number.as_f64(),
        (JsonValue::Text(text), Value::String(other)) => text.as_str() == Some(other),
        (JsonValue::List(items), Value::Array(others)) => {
            items.len() == others.len()
                && items.iter().zip(others).all(|(item, other)| is_same(item, other))
        }
        (JsonValue::Object(entries), Value::Object(others)) => {
            entries.len() == others.len()
                && entries.iter().all(|(name, entry)| {
                    let other = name.as_str().and_then(|name| others.get(name));
                    other.is_some_and(|other| is_same(entry, other))
                })
        }
        _ => false,
    }
}
