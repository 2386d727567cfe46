//! Values that name a place: socket addresses, files, time zones.

use std::net::{IpAddr, SocketAddr};
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
        let text = value.as_str().unwrap_or_default().trim();
        // The name means this machine everywhere, whatever a resolver says.
        let text = text
            .strip_prefix("localhost:")
            .map_or_else(|| text.to_owned(), |port| format!("127.0.0.1:{port}"));
        text.parse().map_err(|_| {
            let message = "must be an address and a port, such as \"127.0.0.1:8000\"";
            match nearest(&text) {
                Some(nearest) => ValueError::rule(message, format!("did you mean {nearest}?")),
                None => ValueError::new(message),
            }
        })
    }

    fn show(&self) -> Value {
        Value::String(self.to_string())
    }

    fn schema() -> Value {
        json!({"type": "string", "pattern": ":[0-9]+$"})
    }
}

/// What was meant by a port without an address, or an address without a port.
fn nearest(text: &str) -> Option<String> {
    let port = text.strip_prefix('*').unwrap_or(text).strip_prefix(':').unwrap_or(text);
    if let Ok(port) = port.parse::<u16>() {
        return Some(format!(
            "\"0.0.0.0:{port}\" for every address of this machine, or \"127.0.0.1:{port}\" for \
             programs on it"
        ));
    }
    let address: IpAddr = text.trim_matches(['[', ']']).parse().ok()?;
    Some(format!("\"{}\"", SocketAddr::new(address, 8000)))
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

    fn is_path() -> bool {
        true
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
    fn an_address_has_a_port_and_may_be_called_localhost() {
        assert!(SocketAddr::parse(&json!("[::1]:8000")).is_ok());
        let local = SocketAddr::parse(&json!("localhost:8000")).map(|found| found.to_string());
        assert_eq!(local.as_deref(), Ok("127.0.0.1:8000"));
        let cure = |text: &str| {
            let error = SocketAddr::parse(&json!(text)).unwrap_err();
            error.cure().unwrap_or_default().to_owned()
        };
        for port in [":8000", "8000", "*:8000"] {
            assert!(cure(port).starts_with("did you mean \"0.0.0.0:8000\""), "{port}");
        }
        assert_eq!(cure("10.0.0.1"), "did you mean \"10.0.0.1:8000\"?");
        assert_eq!(cure("::"), "did you mean \"[::]:8000\"?");
        assert_eq!(cure("example.com:8000"), "");
    }
}
