//! What a request was counted as, so that it can be given back if the request was not served.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use rest_auth_domain::sliding_window::Counter;

/// The attempts that a request was counted as. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Counted(Arc<Mutex<Vec<Attempt>>>);

/// An attempt in some windows.
#[derive(Debug)]
pub(crate) struct Attempt {
    pub(crate) counters: Vec<Counter>,
    pub(crate) at: DateTime<Utc>,
}

impl Counted {
    /// Notes that the request was counted in these windows.
    pub fn add(&self, counters: Vec<Counter>, at: DateTime<Utc>) {
        self.attempts(|attempts| attempts.push(Attempt { counters, at }));
    }

    /// All attempts; none are noted any more.
    pub(crate) fn take(&self) -> Vec<Attempt> {
        self.attempts(std::mem::take)
    }

    fn attempts<T>(&self, use_them: impl FnOnce(&mut Vec<Attempt>) -> T) -> T {
        use_them(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
