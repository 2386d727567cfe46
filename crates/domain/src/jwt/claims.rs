//! The claims of a token: an ordered JSON object.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};

use crate::clock::LAST_SECOND;

/// The claims of a token in the order in which they are written. `Debug` prints their names only:
/// values are personal, and one is a digest of the password.
#[derive(Clone, Default, PartialEq)]
pub struct Claims(Map<String, Value>);

impl Claims {
    /// No claims yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds those of other claims whose names are not there yet.
    pub fn add_missing(&mut self, others: &Self) {
        for (name, value) in others.iter() {
            if !self.contains(name) {
                self.insert(name, value.clone());
            }
        }
    }

    /// A claim of any type.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Whether the claim is there, be it null.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// A claim that is text; `None` if it is absent, of another type, or has a NUL, which no
    /// column holds and PostgreSQL refuses to look for.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str().filter(|text| !text.contains('\0'))
    }

    /// A claim that is an integer; `None` if it is absent or of another type.
    #[must_use]
    pub fn integer(&self, name: &str) -> Option<i64> {
        self.0.get(name)?.as_i64()
    }

    /// When the token ends: the number in `exp`, in seconds since 1970. `None` if it is absent, no
    /// number, negative, or later than the year 9999, which no Python could read.
    #[must_use]
    pub fn expires_at(&self) -> Option<DateTime<Utc>> {
        let number = self.0.get("exp")?.as_number()?;
        let since_1970 = match number.as_u64() {
            Some(seconds) => Duration::from_secs(seconds),
            None => Duration::try_from_secs_f64(number.as_f64()?).ok()?,
        };
        DateTime::UNIX_EPOCH
            .checked_add_signed(TimeDelta::from_std(since_1970).ok()?)
            .filter(|time| time.timestamp() <= LAST_SECOND)
    }

    /// Sets a claim. One that is there already keeps its place.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        self.0.insert(name.into(), value.into());
    }

    /// All claims in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Whether there are no claims.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The claims as a JSON object.
    #[must_use]
    pub fn into_map(self) -> Map<String, Value> {
        self.0
    }
}

impl From<Map<String, Value>> for Claims {
    fn from(map: Map<String, Value>) -> Self {
        Self(map)
    }
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Claims")?;
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn expiring(exp: Value) -> Option<i64> {
        let mut claims = Claims::new();
        claims.insert("exp", exp);
        claims.expires_at().map(|time| time.timestamp())
    }

    #[test]
    fn an_expiry_is_a_number_within_the_calendar() {
        assert_eq!(expiring(json!(1_787_585_913)), Some(1_787_585_913));
        assert_eq!(expiring(json!(1_787_585_913.5)), Some(1_787_585_913));
        assert_eq!(expiring(json!(LAST_SECOND)), Some(LAST_SECOND));
        for bad in [json!(LAST_SECOND + 1), json!(u64::MAX), json!(1e300), json!(-1), json!("1")] {
            assert_eq!(expiring(bad.clone()), None, "{bad}");
        }
    }

    #[test]
    fn getters_do_not_convert() {
        let mut claims = Claims::new();
        claims.insert("epoch", 7);
        claims.insert("sid", "f1");
        assert_eq!((claims.integer("epoch"), claims.text("epoch")), (Some(7), None));
        assert_eq!((claims.integer("sid"), claims.text("sid")), (None, Some("f1")));
    }

    #[test]
    fn debug_shows_names_only() {
        let mut claims = Claims::new();
        claims.insert("hash_password", "26C1B47C");
        assert_eq!(format!("{claims:?}"), r#"Claims{"hash_password"}"#);
    }
}
