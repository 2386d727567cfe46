//! Windows in the memory of this process.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use rest_auth_domain::sliding_window::{Counter, SlidingWindow};

/// Above this number of windows expired ones are removed before new ones are made.
const SWEEP_ABOVE: usize = 10_000;

/// Windows by key.
#[derive(Debug, Default)]
pub(super) struct Memory {
    windows: Mutex<HashMap<String, CountedWindow>>,
}

#[derive(Debug)]
struct CountedWindow {
    window: SlidingWindow,
    period: TimeDelta,
}

impl Memory {
    /// Counts one more in each window, or in none and returns how long to wait.
    pub(super) fn consume(&self, counters: &[Counter], now: DateTime<Utc>) -> Option<TimeDelta> {
        let mut windows = self.windows();
        let wait = longest_wait(&windows, counters, now);
        if wait.is_none() {
            record(&mut windows, counters, now);
        }
        wait
    }

    /// Counts one more in each window without checking limits. The caller has decided already.
    pub(super) fn record(&self, counters: &[Counter], now: DateTime<Utc>) {
        record(&mut self.windows(), counters, now);
    }

    /// How long to wait until every window has room. Counts nothing.
    pub(super) fn wait(&self, counters: &[Counter], now: DateTime<Utc>) -> Option<TimeDelta> {
        longest_wait(&self.windows(), counters, now)
    }

    /// Counts an attempt at this time no more.
    pub(super) fn give_back(&self, keys: &[String], at: DateTime<Utc>) {
        let mut windows = self.windows();
        for key in keys {
            if let Some(kept) = windows.get_mut(key) {
                kept.window.give_back(at);
            }
        }
    }

    /// Forgets windows.
    pub(super) fn clear(&self, keys: &[String]) {
        let mut windows = self.windows();
        for key in keys {
            windows.remove(key);
        }
    }

    fn windows(&self) -> MutexGuard<'_, HashMap<String, CountedWindow>> {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn longest_wait(
    windows: &HashMap<String, CountedWindow>,
    counters: &[Counter],
    now: DateTime<Utc>,
) -> Option<TimeDelta> {
    let empty = SlidingWindow::default();
    let waits = counters.iter().filter_map(|counter| {
        let window = windows.get(&counter.key).map_or(&empty, |kept| &kept.window);
        window.wait(counter.rate, now)
    });
    waits.max()
}

fn record(windows: &mut HashMap<String, CountedWindow>, counters: &[Counter], now: DateTime<Utc>) {
    if windows.len() > SWEEP_ABOVE {
        windows.retain(|_, kept| !kept.window.is_over(kept.period, now));
    }
    for Counter { key, rate } in counters {
        let kept = windows.entry(key.clone()).or_insert_with(|| CountedWindow {
            window: SlidingWindow::default(),
            period: rate.period,
        });
        kept.window.record(*rate, now);
    }
}

#[cfg(test)]
mod tests {
    use rest_auth_domain::sliding_window::Rate;

    use super::*;

    const TWO_A_MINUTE: Rate = Rate { amount: 2, period: TimeDelta::seconds(60) };

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap()
    }

    fn counters(keys: &[&str]) -> Vec<Counter> {
        keys.iter().map(|key| Counter { key: (*key).to_owned(), rate: TWO_A_MINUTE }).collect()
    }

    #[test]
    fn refused_attempts_count_in_no_window() {
        let memory = Memory::default();
        let (one, both) = (counters(&["a"]), counters(&["a", "b"]));
        assert_eq!(memory.consume(&one, at(0)), None);
        assert_eq!(memory.consume(&both, at(10)), None);
        for second in 11..20 {
            let left = TimeDelta::seconds(60 - second);
            assert_eq!(memory.consume(&both, at(second)), Some(left));
        }
        assert_eq!(memory.consume(&counters(&["b"]), at(20)), None, "the other window has room");
    }

    #[test]
    fn asking_counts_nothing_and_what_was_counted_can_be_cleared() {
        let memory = Memory::default();
        let one = counters(&["a"]);
        for _ in 0..3 {
            assert_eq!(memory.wait(&one, at(0)), None);
        }
        assert_eq!(memory.consume(&one, at(0)), None);
        assert_eq!(memory.consume(&one, at(2)), None);
        assert_eq!(memory.wait(&one, at(5)), Some(TimeDelta::seconds(55)));
        memory.clear(&["a".to_owned()]);
        assert_eq!(memory.wait(&one, at(5)), None);
    }

    #[test]
    fn what_was_given_back_counts_no_more() {
        let memory = Memory::default();
        let one = counters(&["a"]);
        assert_eq!(memory.consume(&one, at(0)), None);
        for second in 1..5 {
            assert_eq!(memory.consume(&one, at(second)), None);
            memory.give_back(&["a".to_owned(), "b".to_owned()], at(second));
        }
        assert_eq!(memory.consume(&one, at(5)), None);
        assert_eq!(memory.consume(&one, at(6)), Some(TimeDelta::seconds(54)));
    }

    #[test]
    fn expired_windows_are_swept_out_when_there_are_many() {
        let memory = Memory::default();
        for number in 0..=SWEEP_ABOVE {
            assert_eq!(memory.consume(&counters(&[&number.to_string()]), at(0)), None);
        }
        assert_eq!(memory.consume(&counters(&["new"]), at(120)), None);
        assert_eq!(memory.windows().len(), 1);
    }
}
