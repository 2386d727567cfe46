//! Rate limits as allauth and Django REST framework write them.

use std::fmt;
use std::time::Duration;

use thiserror::Error;

/// The longest period of a limit: 100 years. It keeps a time plus the period a valid date.
const LONGEST: Duration = Duration::from_hours(36_500 * 24);

/// A text that cannot be read as a rate.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("not a rate: {0:?}")]
pub struct InvalidRate(pub String);

/// What the attempts of an [allauth rate](parse_allauth) are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Per {
    /// The address of the client.
    Ip,
    /// What the request is about, such as an e-mail address or a user name.
    Key,
    /// The user who is logged in.
    User,
}

impl Per {
    /// The word for it in a rate.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ip => "ip",
            Self::Key => "key",
            Self::User => "user",
        }
    }
}

/// One limit of allauth: so many attempts in a period, counted by address, key or user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// How many attempts are let through.
    pub amount: u32,
    /// The time within which they are counted; never zero, at most 100 years.
    pub period: Duration,
    /// What they are counted by.
    pub per: Per,
}

impl fmt::Display for RateLimit {
    /// The form that [`parse_allauth`] reads: `5/5m/key`, `1/0.5s/ip`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.period.as_secs();
        write!(f, "{}/", self.amount)?;
        if self.period.subsec_nanos() > 0 {
            write!(f, "{}s", self.period.as_secs_f64())?;
        } else {
            let (unit, size) = ['d', 'h', 'm']
                .into_iter()
                .filter_map(|unit| Some((unit, u64::from(unit_seconds(unit)?))))
                .find(|(_, size)| seconds.is_multiple_of(*size))
                .unwrap_or(('s', 1));
            write!(f, "{}{unit}", seconds / size)?;
        }
        write!(f, "/{}", self.per.as_str())
    }
}

/// Reads allauth's limits, divided by commas: `10/m/ip,5/300s/key`. A limit that does not say what
/// it counts by counts by the address of the client. An empty text means no limit.
///
/// # Errors
/// [`InvalidRate`] with the first limit that cannot be read, or whose period is zero or longer than
/// 100 years.
pub fn parse_allauth(text: &str) -> Result<Vec<RateLimit>, InvalidRate> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let rate = |part: &str| allauth_rate(part).ok_or_else(|| InvalidRate(part.to_owned()));
    text.split(',').map(str::trim).map(rate).collect()
}

fn allauth_rate(text: &str) -> Option<RateLimit> {
    let mut parts = text.split('/');
    let amount = parts.next()?.trim().parse().ok()?;
    let period = allauth_period(parts.next()?)?;
    let per = match parts.next() {
        None | Some("ip") => Per::Ip,
        Some("key") => Per::Key,
        Some("user") => Per::User,
        Some(_) => return None,
    };
    if parts.next().is_some() {
        return None;
    }
    Some(RateLimit { amount, period, per })
}

/// A unit with an optional number before it, such as `m`, `300s` or `0.5s`.
fn allauth_period(text: &str) -> Option<Duration> {
    let unit = text.chars().next_back()?;
    let number = text.strip_suffix(unit)?;
    let number: f64 = if number.is_empty() { 1.0 } else { number.parse().ok()? };
    let seconds = number * f64::from(unit_seconds(unit)?);
    let period = Duration::try_from_secs_f64(seconds).ok()?;
    (!period.is_zero() && period <= LONGEST).then_some(period)
}

/// Reads a rate of Django REST framework, such as `100/day`: the number of requests and the period
/// in which they are counted. Only the first letter of the period counts, so `5/month` is five a
/// minute.
///
/// # Errors
/// [`InvalidRate`] with the text.
pub fn parse_drf(text: &str) -> Result<(u32, Duration), InvalidRate> {
    let rate = || {
        let (requests, period) = text.split_once('/')?;
        if period.contains('/') {
            return None;
        }
        let seconds = unit_seconds(period.chars().next()?)?;
        Some((requests.trim().parse().ok()?, Duration::from_secs(u64::from(seconds))))
    };
    rate().ok_or_else(|| InvalidRate(text.to_owned()))
}

const fn unit_seconds(unit: char) -> Option<u32> {
    Some(match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86400,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_nonsense_without_panicking() {
        for text in [
            "/",
            "//",
            "5/",
            "5/é",
            "5/-1s",
            "5/0s",
            "5/36501d",
            "5/1e400d",
            "5/nand",
            "-5/m",
            "5/m/ip/x",
            "5/m/everyone",
            "5/m,",
            "99999999999/m",
        ] {
            assert!(parse_allauth(text).is_err(), "{text}");
        }
        for text in ["", "/", "5/", "5/é", "5/m/m", "-1/m"] {
            assert!(parse_drf(text).is_err(), "{text}");
        }
    }

    #[test]
    fn names_the_rate_that_is_wrong() {
        assert_eq!(parse_allauth("5/m, 5/q"), Err(InvalidRate("5/q".to_owned())));
    }

    #[test]
    fn writes_what_it_reads() {
        for (given, written) in [
            ("5/m", "5/1m/ip"),
            ("5/300s/key", "5/5m/key"),
            ("1/2d", "1/2d/ip"),
            ("1/0.5s/user", "1/0.5s/user"),
            ("1/90s", "1/90s/ip"),
            ("3/36h", "3/36h/ip"),
        ] {
            let [limit] = parse_allauth(given).unwrap()[..] else { panic!("{given}") };
            assert_eq!(limit.to_string(), written);
            assert_eq!(parse_allauth(written), Ok(vec![limit]));
        }
    }
}
