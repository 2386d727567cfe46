//! How long a session lives.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use serde_json::Value;

use super::SessionData;

/// How long sessions live that do not say it themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLife {
    /// `SESSION_COOKIE_AGE` in seconds.
    pub cookie_age: i64,
    /// `SESSION_EXPIRE_AT_BROWSER_CLOSE`.
    pub expire_at_browser_close: bool,
}

/// How long one session lives, counted from the moment it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    /// Seconds left; negative if the session ended already.
    pub age: i64,
    /// The column `expire_date`.
    pub expire_date: DateTime<Utc>,
    /// Whether the cookie goes when the browser closes. The row still lives for `age`.
    pub at_browser_close: bool,
}

impl Lifetime {
    /// The `Max-Age` of the cookie; `None` for a cookie that goes when the browser closes.
    #[must_use]
    pub fn cookie_age(&self) -> Option<i64> {
        (!self.at_browser_close).then_some(self.age)
    }
}

impl SessionLife {
    /// The life of a session that is written `now`. An expiry that cannot be read, or that lies
    /// beyond the calendar, counts as none.
    #[must_use]
    pub fn of(&self, data: &SessionData, now: DateTime<Utc>) -> Lifetime {
        let own = data.expiry().and_then(|value| Expiry::read(value, now));
        let (age, expire_date) = match own {
            Some(Expiry::After { age, date }) => (age, date),
            Some(Expiry::BrowserClose) | None => {
                let end = after(self.cookie_age, now).unwrap_or(DateTime::<Utc>::MAX_UTC);
                (self.cookie_age, end)
            }
        };
        let at_browser_close = match own {
            Some(own) => matches!(own, Expiry::BrowserClose),
            None => self.expire_at_browser_close,
        };
        Lifetime { age, expire_date, at_browser_close }
    }
}

#[derive(Clone, Copy)]
enum Expiry {
    BrowserClose,
    After { age: i64, date: DateTime<Utc> },
}

impl Expiry {
    fn read(value: &Value, now: DateTime<Utc>) -> Option<Self> {
        match value {
            Value::Number(number) => match number.as_i64()? {
                0 => Some(Self::BrowserClose),
                age => Some(Self::After { age, date: after(age, now)? }),
            },
            Value::String(text) => {
                let date = read_time(text)?;
                let micros = date.timestamp_micros() - now.timestamp_micros();
                Some(Self::After { age: micros.div_euclid(1_000_000), date })
            }
            _ => None,
        }
    }
}

fn after(seconds: i64, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    now.checked_add_signed(TimeDelta::try_seconds(seconds)?)
}

/// Reads Python's `isoformat`, with an offset or, where `USE_TZ` is off, without.
fn read_time(text: &str) -> Option<DateTime<Utc>> {
    let aware = DateTime::parse_from_rfc3339(text).map(|time| time.with_timezone(&Utc));
    let naive = || NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f");
    aware.or_else(|_| naive().map(|time| time.and_utc())).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const LIFE: SessionLife = SessionLife { cookie_age: 60, expire_at_browser_close: false };

    #[test]
    fn an_expiry_that_makes_no_sense_counts_as_none() {
        for expiry in [json!(i64::MAX), json!(1e300), json!("soon"), json!([]), json!(null)] {
            let mut data = SessionData::default();
            data.set("_session_expiry", expiry);
            let life = LIFE.of(&data, DateTime::UNIX_EPOCH);
            assert_eq!((life.age, life.cookie_age()), (60, Some(60)));
        }
    }

    #[test]
    fn ages_are_rounded_down() {
        let mut data = SessionData::default();
        data.set("_session_expiry", "1970-01-01T00:00:09.900000");
        assert_eq!(LIFE.of(&data, DateTime::UNIX_EPOCH).age, 9);
        data.set("_session_expiry", "1969-12-31T23:59:59.900000+00:00");
        assert_eq!(LIFE.of(&data, DateTime::UNIX_EPOCH).age, -1);
    }
}
