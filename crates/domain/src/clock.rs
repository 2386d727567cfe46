//! Time as an argument, and the end of a lifetime.

use std::time::Duration;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// The last second that Python's `datetime` can hold: 9999-12-31 23:59:59 UTC.
pub const LAST_SECOND: i64 = 253_402_300_799;

/// The source of the current time. The server uses [`SystemClock`]; tests set a clock by hand.
pub trait Clock: Send + Sync + 'static {
    /// The current time, cut to microseconds: no database keeps more, and a value that is
    /// compared after a round trip must not change.
    fn now(&self) -> DateTime<Utc>;
}

/// The clock of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(6)
    }
}

/// `time` plus `lifetime`. A lifetime that reaches beyond [`LAST_SECOND`] ends there: no Python
/// could read a later time back.
#[must_use]
pub fn after(time: DateTime<Utc>, lifetime: Duration) -> DateTime<Utc> {
    let last = DateTime::from_timestamp(LAST_SECOND, 0).unwrap_or(DateTime::<Utc>::MAX_UTC);
    let end = TimeDelta::from_std(lifetime).ok().and_then(|life| time.checked_add_signed(life));
    end.map_or(last, |end| end.min(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_ends_with_the_calendar_at_the_latest() {
        let now = DateTime::UNIX_EPOCH;
        assert_eq!(after(now, Duration::from_millis(1_500)).timestamp_millis(), 1_500);
        for endless in [Duration::MAX, Duration::from_hours(100_000_000)] {
            assert_eq!(after(now, endless).timestamp(), LAST_SECOND);
        }
    }
}
