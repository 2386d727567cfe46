//! Inputs that many areas share.

use chrono::{DateTime, Utc};
use rest_auth_domain::signing::SecretKeys;
use serde_json::Value;

use crate::load::Vector;

/// `secret_key` and `fallbacks`.
pub(crate) fn keys(vector: &Vector) -> SecretKeys {
    SecretKeys::new(vector.text("secret_key"), texts(&vector.inputs["fallbacks"]))
}

/// A list of texts; what is missing is empty.
pub(crate) fn texts(value: &Value) -> Vec<String> {
    let items = value.as_array().into_iter().flatten();
    items.map(|item| item.as_str().unwrap().to_owned()).collect()
}

/// `now` in Unix seconds, possibly with a fraction.
pub(crate) fn now(vector: &Vector) -> DateTime<Utc> {
    let now = &vector.inputs["now"];
    match now.as_i64() {
        Some(seconds) => DateTime::from_timestamp(seconds, 0).unwrap(),
        #[expect(clippy::cast_possible_truncation, reason = "recorded times are small")]
        None => {
            DateTime::from_timestamp_micros((now.as_f64().unwrap() * 1e6).round() as i64).unwrap()
        }
    }
}

/// A number, or the default where it is missing.
pub(crate) fn number(vector: &Vector, key: &str, default: i64) -> i64 {
    vector.inputs[key].as_i64().unwrap_or(default)
}

/// [`number`] for what cannot be negative.
pub(crate) fn count(vector: &Vector, key: &str, default: u32) -> u32 {
    u32::try_from(number(vector, key, i64::from(default))).unwrap()
}

/// An ISO 8601 time, or nothing.
pub(crate) fn time(value: &Value) -> Option<DateTime<Utc>> {
    let text = value.as_str()?;
    Some(DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc))
}
