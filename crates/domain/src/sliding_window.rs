//! Sliding windows: how often something happened lately.
//!
//! The rule is that of Django REST framework's throttles: a window holds the times of what was let
//! through, refused attempts do not count, and the wait is until the oldest time that counts
//! leaves the window.

use std::collections::VecDeque;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// The longest period, which keeps a time plus the period a valid date.
const LONGEST: TimeDelta = TimeDelta::days(36_500);

/// How often something may happen: `amount` times in `period`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many times.
    pub amount: usize,
    /// In how long; at most a century.
    pub period: TimeDelta,
}

impl Rate {
    /// So many times in so much time, or in a century if that is less.
    #[must_use]
    pub fn new(amount: u32, period: Duration) -> Self {
        Self {
            amount: usize::try_from(amount).unwrap_or(usize::MAX),
            period: TimeDelta::from_std(period).map_or(LONGEST, |period| period.min(LONGEST)),
        }
    }
}

/// A window, by the name of what is counted in it, and how much fits in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counter {
    /// What is counted.
    pub key: String,
    /// How often it may happen.
    pub rate: Rate,
}

/// The times of accepted attempts, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SlidingWindow(VecDeque<DateTime<Utc>>);

impl SlidingWindow {
    /// How long to wait until there is room; `None` if there is some now.
    #[must_use]
    pub fn wait(&self, rate: Rate, now: DateTime<Utc>) -> Option<TimeDelta> {
        if rate.amount == 0 {
            return Some(rate.period);
        }
        // With a rate lowered meanwhile there may be more times than fit.
        let oldest_that_counts = self.0.get(self.0.len().checked_sub(rate.amount)?)?;
        let wait = rate.period - (now - *oldest_that_counts);
        (wait > TimeDelta::zero()).then_some(wait)
    }

    /// Records an accepted attempt and drops those that are older than the period.
    pub fn record(&mut self, rate: Rate, now: DateTime<Utc>) {
        // The clocks of several instances are never quite the same.
        let place = self.0.partition_point(|time| *time <= now);
        self.0.insert(place, now);
        while self.0.len() > rate.amount || self.0.front().is_some_and(|t| *t + rate.period <= now)
        {
            self.0.pop_front();
        }
    }

    /// Removes one attempt of this time, to the microsecond, because windows are stored so.
    pub fn give_back(&mut self, at: DateTime<Utc>) {
        let is_it = |time: &DateTime<Utc>| time.timestamp_micros() == at.timestamp_micros();
        if let Some(place) = self.0.iter().position(is_it) {
            self.0.remove(place);
        }
    }

    /// Whether nothing in it matters any more.
    #[must_use]
    pub fn is_over(&self, period: TimeDelta, now: DateTime<Utc>) -> bool {
        self.0.back().is_none_or(|newest| *newest + period <= now)
    }

    /// The times, oldest first.
    pub fn times(&self) -> impl Iterator<Item = DateTime<Utc>> {
        self.0.iter().copied()
    }
}

impl FromIterator<DateTime<Utc>> for SlidingWindow {
    fn from_iter<T: IntoIterator<Item = DateTime<Utc>>>(times: T) -> Self {
        Self(times.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO_A_MINUTE: Rate = Rate { amount: 2, period: TimeDelta::seconds(60) };

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap()
    }

    fn window(seconds: &[i64]) -> SlidingWindow {
        seconds.iter().map(|second| at(*second)).collect()
    }

    #[test]
    fn there_is_room_again_when_the_oldest_time_leaves() {
        let full = window(&[0, 20]);
        assert_eq!(full.wait(TWO_A_MINUTE, at(30)), Some(TimeDelta::seconds(30)));
        assert_eq!(full.wait(TWO_A_MINUTE, at(59)), Some(TimeDelta::seconds(1)));
        assert_eq!(full.wait(TWO_A_MINUTE, at(60)), None);
        assert_eq!(window(&[0]).wait(TWO_A_MINUTE, at(0)), None);
    }

    #[test]
    fn only_the_newest_count_when_the_rate_was_lowered() {
        let window = window(&[0, 10, 20, 30]);
        assert_eq!(window.wait(TWO_A_MINUTE, at(40)), Some(TimeDelta::seconds(40)));
        let never = Rate { amount: 0, ..TWO_A_MINUTE };
        assert_eq!(SlidingWindow::default().wait(never, at(0)), Some(TimeDelta::seconds(60)));
    }

    #[test]
    fn one_attempt_of_a_time_is_given_back() {
        let mut kept = window(&[0, 20, 20]);
        kept.give_back(at(20) + TimeDelta::nanoseconds(7));
        kept.give_back(at(21));
        assert_eq!(kept, window(&[0, 20]));
    }

    #[test]
    fn keeps_what_matters_in_order_whatever_the_clock_does() {
        let mut kept = window(&[0, 20]);
        kept.record(TWO_A_MINUTE, at(70));
        assert_eq!(kept, window(&[20, 70]));
        kept.record(TWO_A_MINUTE, at(69));
        assert_eq!(kept, window(&[69, 70]));
        assert!(!kept.is_over(TWO_A_MINUTE.period, at(129)));
        assert!(kept.is_over(TWO_A_MINUTE.period, at(130)));
    }
}
