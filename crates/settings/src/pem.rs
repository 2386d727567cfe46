//! Keys in PEM.

use serde_json::{Value, json};

use super::value::{SettingValue, ValueError};

/// A public key or certificate in PEM, which may come from a file of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pem(String);

impl Pem {
    /// Takes a text as it stands.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl SettingValue for Pem {
    fn type_name() -> String {
        "text in PEM".to_owned()
    }

    fn parse(value: &Value) -> Result<Self, ValueError> {
        value.as_str().map(Self::new).ok_or_else(|| ValueError::expected("text in PEM", value))
    }

    fn show(&self) -> Value {
        Value::String(self.0.clone())
    }

    fn schema() -> Value {
        json!({"type": "string"})
    }

    fn has_file() -> bool {
        true
    }
}

/// A PEM text in one line, as `.env` files have it with `\n` in it, gets its line ends back. No PEM
/// has a backslash.
pub(crate) fn in_lines(value: Value) -> Value {
    match value {
        Value::String(text) if text.starts_with("-----BEGIN ") && text.contains("\\n") => {
            Value::String(text.replace("\\r", "").replace("\\n", "\n"))
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_pem_gets_its_line_ends_back() {
        let given = json!("-----BEGIN PUBLIC KEY-----\\nMCow\\n-----END PUBLIC KEY-----\\n");
        let whole = json!("-----BEGIN PUBLIC KEY-----\nMCow\n-----END PUBLIC KEY-----\n");
        assert_eq!(in_lines(given), whole);
        assert_eq!(in_lines(whole.clone()), whole);
        assert_eq!(in_lines(json!("a\\nb")), json!("a\\nb"));
        assert_eq!(in_lines(json!(5)), json!(5));
    }
}
