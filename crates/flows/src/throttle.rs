//! Sliding windows that count what somebody did lately.
//!
//! Counts live in this process. DRF's rule decides: a window holds the times of what passed,
//! refused attempts do not count, and the wait is until the oldest one leaves the window.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

/// Above this many windows the expired ones are swept out before another is made.
const SWEEP_ABOVE: usize = 10_000;

/// How often something may happen: `amount` times in `period`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many times.
    pub amount: usize,
    /// In how long.
    pub period: TimeDelta,
}

/// Windows by key, in memory.
#[derive(Debug, Default)]
pub struct Throttle {
    windows: Mutex<HashMap<String, Window>>,
}

#[derive(Debug)]
struct Window {
    times: VecDeque<DateTime<Utc>>,
    period: TimeDelta,
}

impl Throttle {
    /// Counts one more for `key`, or tells how long to wait.
    ///
    /// # Errors
    /// The time until there is room again.
    pub fn spend(&self, key: &str, rate: Rate, now: DateTime<Utc>) -> Result<(), TimeDelta> {
        let mut windows = self.windows();
        let window = window_of(&mut windows, key, rate, now);
        if let Some(wait) = window.wait(rate, now) {
            return Err(wait);
        }
        window.times.push_back(now);
        Ok(())
    }

    /// How long to wait before `key` has room; `None` if it has some now. Counts nothing.
    pub fn wait(&self, key: &str, rate: Rate, now: DateTime<Utc>) -> Option<TimeDelta> {
        let mut windows = self.windows();
        let window = windows.get_mut(key)?;
        window.forget(rate.period, now);
        window.wait(rate, now)
    }

    /// Forgets what was counted for `key`.
    pub fn clear(&self, key: &str) {
        self.windows().remove(key);
    }

    fn windows(&self) -> MutexGuard<'_, HashMap<String, Window>> {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Window {
    fn forget(&mut self, period: TimeDelta, now: DateTime<Utc>) {
        while self.times.front().is_some_and(|time| *time <= now - period) {
            self.times.pop_front();
        }
    }

    fn wait(&self, rate: Rate, now: DateTime<Utc>) -> Option<TimeDelta> {
        if rate.amount == 0 {
            return Some(rate.period);
        }
        // With a rate lowered meanwhile there may be more times than fit.
        let oldest_that_counts = self.times.len().checked_sub(rate.amount)?;
        self.times.get(oldest_that_counts).map(|time| rate.period - (now - *time))
    }
}

fn window_of<'w>(
    windows: &'w mut HashMap<String, Window>,
    key: &str,
    rate: Rate,
    now: DateTime<Utc>,
) -> &'w mut Window {
    if windows.len() > SWEEP_ABOVE && !windows.contains_key(key) {
        windows.retain(|_, window| {
            window.times.back().is_some_and(|newest| *newest > now - window.period)
        });
    }
    let window = windows
        .entry(key.to_owned())
        .or_insert_with(|| Window { times: VecDeque::new(), period: rate.period });
    window.forget(rate.period, now);
    window
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO_A_MINUTE: Rate = Rate { amount: 2, period: TimeDelta::seconds(60) };

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap()
    }

    #[test]
    fn the_window_slides_and_refused_attempts_do_not_count() {
        let throttle = Throttle::default();
        assert_eq!(throttle.spend("k", TWO_A_MINUTE, at(0)), Ok(()));
        assert_eq!(throttle.spend("k", TWO_A_MINUTE, at(20)), Ok(()));
        assert_eq!(throttle.spend("k", TWO_A_MINUTE, at(30)), Err(TimeDelta::seconds(30)));
        assert_eq!(throttle.spend("k", TWO_A_MINUTE, at(59)), Err(TimeDelta::seconds(1)));
        assert_eq!(throttle.spend("k", TWO_A_MINUTE, at(60)), Ok(()));
        assert_eq!(throttle.spend("k", TWO_A_MINUTE, at(61)), Err(TimeDelta::seconds(19)));
        assert_eq!(throttle.spend("other", TWO_A_MINUTE, at(61)), Ok(()));
    }

    #[test]
    fn asking_counts_nothing_and_what_was_counted_can_be_cleared() {
        let throttle = Throttle::default();
        assert_eq!(throttle.wait("k", TWO_A_MINUTE, at(0)), None);
        assert_eq!(throttle.spend("k", TWO_A_MINUTE, at(0)), Ok(()));
        assert_eq!(throttle.wait("k", TWO_A_MINUTE, at(1)), None);
        assert_eq!(throttle.spend("k", TWO_A_MINUTE, at(2)), Ok(()));
        assert_eq!(throttle.wait("k", TWO_A_MINUTE, at(5)), Some(TimeDelta::seconds(55)));
        throttle.clear("k");
        assert_eq!(throttle.wait("k", TWO_A_MINUTE, at(5)), None);
    }

    #[test]
    fn expired_windows_are_swept_out_when_there_are_many() {
        let throttle = Throttle::default();
        for number in 0..=SWEEP_ABOVE {
            assert_eq!(throttle.spend(&number.to_string(), TWO_A_MINUTE, at(0)), Ok(()));
        }
        assert_eq!(throttle.spend("new", TWO_A_MINUTE, at(120)), Ok(()));
        assert_eq!(throttle.windows().len(), 1);
    }
}
