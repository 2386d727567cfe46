//! Values as TOML text.

use serde_json::Value;

/// The value in TOML. TOML lacks null: where Django has `None`, the file has `""`.
#[must_use]
pub fn literal(value: &Value) -> String {
    to_toml(value).to_string()
}

fn to_toml(value: &Value) -> toml::Value {
    match value {
        Value::Null => toml::Value::String(String::new()),
        Value::Bool(flag) => toml::Value::Boolean(*flag),
        Value::Number(number) => number.as_i64().map_or_else(
            || toml::Value::Float(number.as_f64().unwrap_or_default()),
            toml::Value::Integer,
        ),
        Value::String(text) => toml::Value::String(text.clone()),
        Value::Array(items) => toml::Value::Array(items.iter().map(to_toml).collect()),
        Value::Object(entries) => {
            let pairs = entries.iter().map(|(name, value)| (name.clone(), to_toml(value)));
            toml::Value::Table(pairs.collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_written_on_one_line() {
        assert_eq!(literal(&json!(null)), "\"\"");
        assert_eq!(literal(&json!(["a", 1, 0.5])), "[\"a\", 1, 0.5]");
        assert_eq!(literal(&json!({"a-b": {"c": true}})), "{ a-b = { c = true } }");
    }
}
