//! Rates of Django REST framework's throttles: `10/minute`.

use std::time::Duration;

use rest_auth_domain::rate;
use rest_auth_settings::value::Json;
use rest_auth_settings::{SettingValue, ValueError};
use serde_json::json;

/// So many requests in so much time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThrottleRate {
    /// How many requests are let through.
    pub requests: u32,
    /// The window in which they are counted.
    pub per: Duration,
}

impl ThrottleRate {
    fn unit(self) -> &'static str {
        match self.per.as_secs() {
            1 => "s",
            60 => "m",
            3_600 => "h",
            _ => "d",
        }
    }
}

impl SettingValue for ThrottleRate {
    fn type_name() -> String {
        "rate".to_owned()
    }

    fn parse(value: &Json) -> Result<Self, ValueError> {
        value
            .as_str()
            .and_then(|text| rate::parse_drf(text).ok())
            .map(|(requests, per)| Self { requests, per })
            .ok_or_else(|| ValueError::new("must be a rate such as \"10/m\", per s, m, h or d"))
    }

    fn show(&self) -> Json {
        Json::from(format!("{}/{}", self.requests, self.unit()))
    }

    fn schema() -> Json {
        json!({"type": "string", "pattern": "^[0-9]+/[smhd]"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_letter_of_the_period_counts() {
        let rate = ThrottleRate { requests: 10, per: Duration::from_mins(1) };
        for text in ["10/m", "10/min", "10/minute", "10/month", " 10/min"] {
            assert_eq!(ThrottleRate::parse(&json!(text)), Ok(rate), "{text}");
        }
        assert_eq!(rate.show(), json!("10/m"));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["10", "10/", "/m", "x/m", "10/week", "-1/m", "1/m/m"] {
            assert!(ThrottleRate::parse(&json!(text)).is_err(), "{text}");
        }
    }
}
