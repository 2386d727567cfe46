//! Rate limits as allauth and Django REST framework write them.

use std::time::Duration;

use thiserror::Error;

/// A text that is no rate limit.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("not a rate: {0:?}")]
pub struct InvalidRate(pub String);

/// Whom a rate of allauth counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Per {
    /// The address of the client.
    Ip,
    /// The thing acted upon, such as an e-mail address.
    Key,
    /// The user who is logged in.
    User,
}

/// So many attempts in so much time, for each of whom [`Per`] names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many attempts are let through.
    pub amount: u32,
    /// The time within which they count.
    pub duration: Duration,
    /// Whom the attempts are counted for.
    pub per: Per,
}

/// Reads rates of allauth, divided by commas: `10/m/ip,5/300s/key`. Whom a rate counts is the
/// address of the client unless it says so. An empty text means no limit.
///
/// # Errors
/// With the rate that cannot be read.
pub fn parse_allauth(text: &str) -> Result<Vec<Rate>, InvalidRate> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let rate = |part: &str| allauth_rate(part).ok_or_else(|| InvalidRate(part.to_owned()));
    text.split(',').map(str::trim).map(rate).collect()
}

fn allauth_rate(text: &str) -> Option<Rate> {
    let mut parts = text.split('/');
    let amount = parts.next()?.trim().parse().ok()?;
    let duration = allauth_duration(parts.next()?)?;
    let per = match parts.next() {
        None | Some("ip") => Per::Ip,
        Some("key") => Per::Key,
        Some("user") => Per::User,
        Some(_) => return None,
    };
    if parts.next().is_some() {
        return None;
    }
    Some(Rate { amount, duration, per })
}

/// A unit with an optional number before it, such as `m`, `300s` or `0.5s`.
fn allauth_duration(text: &str) -> Option<Duration> {
    let unit = text.chars().next_back()?;
    let number = text.strip_suffix(unit)?;
    let number: f64 = if number.is_empty() { 1.0 } else { number.parse().ok()? };
    let seconds = number * f64::from(unit_seconds(unit)?);
    // Refuses what is negative, not a number or too large.
    Duration::try_from_secs_f64(seconds).ok()
}

/// Reads a rate of Django REST framework, such as `100/day`: how many requests, and within what
/// time. Of the period only the first letter counts, so `5/month` is five a minute.
///
/// # Errors
/// With the text, if it is no rate.
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
}
