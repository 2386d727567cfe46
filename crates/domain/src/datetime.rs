//! Times as Django's API writes them and as Django stores them on SQLite.

use std::fmt::Write as _;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Offset as _, Timelike as _, Utc};
use chrono_tz::Tz;

/// A time of an answer, in the zone of the server: `2026-02-03T05:05:06.500000+01:00`. The offset
/// of zero is `Z`. The fraction has six digits, or there is none.
#[must_use]
pub fn in_zone(time: DateTime<Utc>, zone: Tz) -> String {
    let local = time.with_timezone(&zone);
    let offset = local.offset().fix().local_minus_utc();
    let mut text = without_zone(local.naive_local());
    if offset == 0 {
        text.push('Z');
        return text;
    }
    let sign = if offset < 0 { '-' } else { '+' };
    let seconds = offset.unsigned_abs();
    // Writing to a String cannot fail.
    let _ = write!(text, "{sign}{:02}:{:02}", seconds / 3600, seconds / 60 % 60);
    if !seconds.is_multiple_of(60) {
        let _ = write!(text, ":{:02}", seconds % 60);
    }
    text
}

/// A time of an answer that passes no field, such as `access_expiration` of a refreshed token:
/// in UTC whatever the zone.
#[must_use]
pub fn in_utc(time: DateTime<Utc>) -> String {
    in_zone(time, Tz::UTC)
}

/// A time of an answer of a server without time zones (`USE_TZ = False`).
#[must_use]
pub fn without_zone(time: NaiveDateTime) -> String {
    format!("{}{}", time.format("%Y-%m-%dT%H:%M:%S"), fraction(time))
}

/// The text that Django stores in a datetime column on SQLite: UTC,
/// `2026-02-03 04:05:06.789000`, without a fraction if it is zero.
#[must_use]
pub fn to_sqlite(time: DateTime<Utc>) -> String {
    let time = time.naive_utc();
    format!("{}{}", time.format("%Y-%m-%d %H:%M:%S"), fraction(time))
}

/// Reads the text of a datetime column, also with `T` in place of the blank and with an offset of
/// zero, as other writers have it. A fraction has up to twelve digits, of which six count, as in
/// Django's `parse_datetime`. `None` for everything else.
#[must_use]
pub fn from_sqlite(text: &str) -> Option<DateTime<Utc>> {
    let text = text.strip_suffix("+00:00").or_else(|| text.strip_suffix('Z')).unwrap_or(text);
    let bytes = text.as_bytes();
    let shape = bytes.get(..19)?;
    let fits = shape.iter().enumerate().all(|(at, byte)| match at {
        4 | 7 => *byte == b'-',
        10 => matches!(byte, b' ' | b'T'),
        13 | 16 => *byte == b':',
        _ => byte.is_ascii_digit(),
    });
    if !fits {
        return None;
    }
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<u32>().ok();
    let micros = micros(text.get(19..)?)?;
    let date =
        NaiveDate::from_ymd_opt(i32::try_from(number(0, 4)?).ok()?, number(5, 7)?, number(8, 10)?)?;
    date.and_hms_micro_opt(number(11, 13)?, number(14, 16)?, number(17, 19)?, micros)
        .map(|time| time.and_utc())
}

/// The microseconds of `.5` or `.789000`; zero for an empty text.
fn micros(fraction: &str) -> Option<u32> {
    if fraction.is_empty() {
        return Some(0);
    }
    let digits = fraction.strip_prefix('.')?;
    let fits = (1..=12).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    let six = fits.then(|| format!("{digits:0<6.6}"))?;
    six.parse().ok()
}

fn fraction(time: NaiveDateTime) -> String {
    // A leap second counts a whole second more; Django knows none.
    match time.nanosecond() / 1000 % 1_000_000 {
        0 => String::new(),
        micros => format!(".{micros:06}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        for text in ["2026-02-03 04:05:06.789000", "2026-02-03 04:05:06", "0001-01-01 00:00:00"] {
            assert_eq!(to_sqlite(from_sqlite(text).unwrap()), text);
        }
        let half = from_sqlite("2026-02-03 04:05:06.500000");
        assert!(half.is_some());
        for text in [
            "2026-02-03T04:05:06.5",
            "2026-02-03 04:05:06.500000999",
            "2026-02-03T04:05:06.500Z",
            "2026-02-03 04:05:06.500+00:00",
        ] {
            assert_eq!(from_sqlite(text), half, "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in [
            "",
            "2026-02-03",
            "2026-02-30 00:00:00",
            "2026-02-03 24:00:00",
            "2026-02-03 04:05:60",
            "2026-02-03 04:05:06.",
            "2026-02-03 04:05:06.1234567890123",
            "2026-02-03 04:05:06+01:00",
            "+026-02-03 04:05:06",
            "2026-02-03 04:05:0é",
        ] {
            assert_eq!(from_sqlite(text), None, "{text}");
        }
    }

    #[test]
    fn shows_the_seconds_of_historic_offsets() {
        let time = from_sqlite("1850-01-01 00:00:00").unwrap();
        assert_eq!(in_zone(time, Tz::Europe__Paris), "1850-01-01T00:09:21+00:09:21");
    }
}
