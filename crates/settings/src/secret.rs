//! Secret values.

use std::fmt;

use serde_json::{Value, json};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::value::{SettingValue, ValueError};

/// The text that is printed instead of a secret.
pub const MASK: &str = "********";

/// A key or password of the configuration. It is masked wherever it is printed and wiped on drop.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a secret text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself, for the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether the text is empty, which Django takes for "not set".
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_empty() { "Secret(empty)" } else { "Secret(..)" })
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for Secret {}

impl SettingValue for Secret {
    fn type_name() -> String {
        "secret text".to_owned()
    }

    fn parse(value: &Value) -> Result<Self, ValueError> {
        value.as_str().map(Self::new).ok_or_else(|| ValueError::expected("text", value))
    }

    fn show(&self) -> Value {
        Value::String(if self.is_empty() { String::new() } else { MASK.to_owned() })
    }

    fn schema() -> Value {
        json!({"type": "string", "writeOnly": true})
    }

    fn is_secret() -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_masked_wherever_it_is_printed() {
        let secret = Secret::new("hunter2");
        assert_eq!(format!("{secret:?}"), "Secret(..)");
        assert_eq!(secret.show(), json!(MASK));
        assert_eq!(secret.expose(), "hunter2");
    }

    #[test]
    fn equal_secrets_are_equal() {
        assert_eq!(Secret::new("a"), Secret::new("a"));
        assert_ne!(Secret::new("a"), Secret::new("b"));
    }
}
