//! Rates of Django REST framework's throttles: `10/minute`.

use std::time::Duration;

use rest_auth_domain::settings::duration::{days, hours, minutes, seconds};
use rest_auth_domain::settings::value::Json;
use rest_auth_domain::settings::{SettingValue, ValueError};
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
    /// Reads `10/m`, `10/min`, `10/minute`: only the first letter of the period counts.
    fn parse_text(text: &str) -> Option<Self> {
        let (requests, period) = text.split_once('/')?;
        let per = match period.chars().next()? {
            's' => seconds(1),
            'm' => minutes(1),
            'h' => hours(1),
            'd' => days(1),
            _ => return None,
        };
        Some(Self { requests: requests.trim().parse().ok()?, per })
    }

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
            .and_then(Self::parse_text)
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
        let rate = ThrottleRate { requests: 10, per: minutes(1) };
        for text in ["10/m", "10/min", "10/minute", "10/month"] {
            assert_eq!(ThrottleRate::parse(&json!(text)), Ok(rate), "{text}");
        }
        assert_eq!(rate.show(), json!("10/m"));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["10", "10/", "/m", "x/m", "10/week", "-1/m"] {
            assert!(ThrottleRate::parse(&json!(text)).is_err(), "{text}");
        }
    }
}
