//! Durations: `"15m"`, `"7d"`, `"1h30m"`, or a number of seconds.

use std::time::Duration;

use serde_json::{Value, json};

use super::value::{SettingValue, ValueError};

/// The longest duration that a setting may have. It keeps `now + duration` a valid date.
pub const LONGEST: Duration = days(36_500);

const UNITS: [(&str, u64); 5] = [("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];

/// A duration in seconds.
#[must_use]
pub const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// A duration in minutes.
#[must_use]
pub const fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

/// A duration in hours.
#[must_use]
pub const fn hours(count: u64) -> Duration {
    Duration::from_secs(count * 3_600)
}

/// A duration in days of 24 hours.
#[must_use]
pub const fn days(count: u64) -> Duration {
    Duration::from_secs(count * 86_400)
}

/// Reads `"90s"`, `"1h30m"`, `"250ms"`, `"2w"` or a bare number of seconds.
#[must_use]
pub fn parse_text(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    if let Ok(count) = rest.parse::<f64>() {
        return from_seconds(count);
    }
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let count: u64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let end = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        total = total.checked_add(of_unit(count, rest[..end].trim())?)?;
        rest = &rest[end..];
    }
    (total <= LONGEST).then_some(total)
}

fn of_unit(count: u64, unit: &str) -> Option<Duration> {
    if unit == "ms" {
        return Some(Duration::from_millis(count));
    }
    let (_, size) = UNITS.iter().find(|(name, _)| *name == unit)?;
    count.checked_mul(*size).map(Duration::from_secs)
}

fn from_seconds(count: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(count).ok().filter(|duration| *duration <= LONGEST)
}

/// The shortest text in one unit: `"15m"`, `"36h"`, `"250ms"`.
#[must_use]
pub fn to_text(duration: Duration) -> String {
    if duration.subsec_millis() > 0 {
        return format!("{}ms", duration.as_millis());
    }
    let count = duration.as_secs();
    if count == 0 {
        return "0s".to_owned();
    }
    // Weeks are read but not written: days are easier to compare.
    let (unit, size) = UNITS[1..]
        .iter()
        .find(|(_, size)| count.is_multiple_of(*size))
        .copied()
        .unwrap_or(("s", 1));
    format!("{}{unit}", count / size)
}

impl SettingValue for Duration {
    fn type_name() -> String {
        "duration".to_owned()
    }

    fn parse(value: &Value) -> Result<Self, ValueError> {
        let duration = match value {
            Value::String(text) => parse_text(text),
            Value::Number(number) => number.as_f64().and_then(from_seconds),
            _ => None,
        };
        duration.ok_or_else(|| {
            ValueError::new(
                "must be a duration such as \"15m\" or \"7d\", or a number of seconds, \
                 and not longer than 100 years",
            )
        })
    }

    fn show(&self) -> Value {
        Value::String(to_text(*self))
    }

    fn schema() -> Value {
        json!({
            "type": ["string", "number"],
            "minimum": 0,
            "pattern": r"^\s*([0-9]+(ms|s|m|h|d|w)?)+\s*$",
        })
    }

    fn magnitude(&self) -> Option<f64> {
        Some(self.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_units_and_bare_seconds() {
        for (text, expected) in [
            ("15m", minutes(15)),
            ("7d", days(7)),
            ("300s", seconds(300)),
            ("1h30m", minutes(90)),
            ("2w", days(14)),
            ("0", seconds(0)),
            ("250ms", Duration::from_millis(250)),
        ] {
            assert_eq!(parse_text(text), Some(expected), "{text}");
        }
        assert_eq!(Duration::parse(&json!(1_209_600)), Ok(days(14)));
        assert_eq!(Duration::parse(&json!(0.5)), Ok(Duration::from_millis(500)));
    }

    #[test]
    fn refuses_what_is_negative_endless_or_unclear() {
        for text in ["", "-5", "5 years", "m", "15", "1e400", "99999999999999999999d", "36501d"] {
            let expected = text == "15";
            assert_eq!(parse_text(text).is_some(), expected, "{text}");
        }
        assert!(Duration::parse(&json!(-1)).is_err());
        assert!(Duration::parse(&json!(true)).is_err());
    }

    #[test]
    fn writes_the_largest_unit_that_fits() {
        assert_eq!(to_text(minutes(15)), "15m");
        assert_eq!(to_text(hours(36)), "36h");
        assert_eq!(to_text(days(14)), "14d");
        assert_eq!(to_text(seconds(61)), "61s");
        assert_eq!(to_text(Duration::ZERO), "0s");
    }
}
