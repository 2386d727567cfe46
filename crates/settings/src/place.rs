//! Values that name a place: socket addresses, files, time zones.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::value::{SettingValue, ValueError};

/// A time zone of the IANA database.
pub type TimeZone = chrono_tz::Tz;

impl SettingValue for SocketAddr {
    fn type_name() -> String {
        "address and port".to_owned()
    }

    fn parse(value: &Value) -> Result<Self, ValueError> {
        value.as_str().and_then(|text| text.parse().ok()).ok_or_else(|| {
            ValueError::new("must be an address and a port, such as \"127.0.0.1:8000\"")
        })
    }

    fn show(&self) -> Value {
        Value::String(self.to_string())
    }

    fn schema() -> Value {
        json!({"type": "string", "pattern": ":[0-9]+$"})
    }
}

impl SettingValue for PathBuf {
    fn type_name() -> String {
        "path".to_owned()
    }

    fn parse(value: &Value) -> Result<Self, ValueError> {
        match value.as_str() {
            Some(text) if !text.is_empty() => Ok(Self::from(text)),
            _ => Err(ValueError::expected("a path", value)),
        }
    }

    fn show(&self) -> Value {
        Value::String(self.to_string_lossy().into_owned())
    }

    fn schema() -> Value {
        json!({"type": "string"})
    }
}

impl SettingValue for TimeZone {
    fn type_name() -> String {
        "time zone".to_owned()
    }

    fn parse(value: &Value) -> Result<Self, ValueError> {
        value.as_str().and_then(|name| name.parse().ok()).ok_or_else(|| {
            ValueError::new("must be a time zone of the IANA database, such as \"Europe/Berlin\"")
        })
    }

    fn show(&self) -> Value {
        Value::String(self.name().to_owned())
    }

    fn schema() -> Value {
        json!({"type": "string"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_time_zones_are_refused() {
        assert_eq!(TimeZone::parse(&json!("UTC")), Ok(TimeZone::UTC));
        assert!(TimeZone::parse(&json!("Europe/Atlantis")).is_err());
    }

    #[test]
    fn a_port_alone_is_no_address() {
        assert!(SocketAddr::parse(&json!(":8000")).is_err());
        assert!(SocketAddr::parse(&json!("[::1]:8000")).is_ok());
    }
}
