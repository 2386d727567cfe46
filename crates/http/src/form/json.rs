//! Nested JSON in a field.

use rest_auth_domain::char_field::{FormText, Presence};
use rest_auth_domain::json_input::{self, JsonText, JsonValue};
use rest_auth_domain::message::Message;
use serde_json::{Map, Number, Value};

/// The value of a field of nested JSON, as DRF's `JSONField` reads it: any JSON, and in an HTML form
/// the text of some.
pub(super) fn read(given: Presence<'_>) -> Result<Value, Message> {
    match given {
        Presence::Json(value) => Ok(to_json(value)),
        Presence::Form(FormText(text)) => match json_input::parse(text) {
            Ok(value) => Ok(to_json(&value)),
            Err(error) => Err(Message::JsonParseError { problem: error.to_string() }),
        },
        Presence::Missing | Presence::File => Err(Message::NotAString),
    }
}

/// The same value for the crates that read JSON with serde. Infinite numbers become null and lone
/// surrogates are replaced, because serde cannot hold them.
fn to_json(value: &JsonValue) -> Value {
    match value {
        JsonValue::Null => Value::Null,
        JsonValue::Bool(flag) => Value::Bool(*flag),
        JsonValue::Int(digits) => {
            let whole = digits.parse::<i64>().map(Number::from);
            let whole = whole.or_else(|_| digits.parse::<u64>().map(Number::from));
            match whole {
                Ok(number) => Value::Number(number),
                Err(_) => digits.parse::<f64>().map_or(Value::Null, Value::from),
            }
        }
        JsonValue::Float(number) => Value::from(*number),
        JsonValue::Text(text) => Value::String(plain(text)),
        JsonValue::List(items) => Value::Array(items.iter().map(to_json).collect()),
        JsonValue::Object(entries) => {
            let entries = entries.iter().map(|(name, value)| (plain(name), to_json(value)));
            Value::Object(entries.collect::<Map<_, _>>())
        }
    }
}

fn plain(text: &JsonText) -> String {
    text.without_surrogates()
}
