//! Windows in Redis, and what happens while it is away.
//!
//! Limits must neither fall away with Redis nor take every login with them. So whatever Redis
//! counts is counted in the memory of this instance, too, and while Redis is away that alone
//! decides: of so many instances each lets pass as much as the limit says, beginning with what it
//! has counted so far. What is counted meanwhile Redis does not learn afterwards.
//!
//! One request finds out that Redis is away, and waits for it as long as `cache.timeout`; the
//! following do not ask it. In the background it is asked again every two seconds. The time for
//! that is real time, whatever the server's clock says: it is about the network and not about what
//! is counted.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use rest_auth_domain::sliding_window::Counter;
use rest_auth_store::{RedisCounters, RedisFailure};

use super::memory::Memory;

/// How long Redis is left alone before it is asked for a sign of life.
const PAUSE: Duration = Duration::from_secs(2);
/// How often the log is told that it is away.
const WARN_EVERY: Duration = Duration::from_mins(1);

/// Windows in Redis, and those of this instance in its memory.
#[derive(Clone, Debug)]
pub(super) struct Redis(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    counters: RedisCounters,
    own: Memory,
    absence: Mutex<Absence>,
}

#[derive(Debug, Default)]
struct Absence {
    /// When to ask again; none while Redis answers.
    ask_at: Option<Instant>,
    /// When the log was told last.
    told: Option<Instant>,
}

impl Redis {
    pub(super) fn new(counters: RedisCounters) -> Self {
        let (own, absence) = (Memory::default(), Mutex::default());
        Self(Arc::new(Parts { counters, own, absence }))
    }

    /// Counts one more in each window, or in none and tells how long to wait.
    pub(super) async fn consume(
        &self,
        counters: &[Counter],
        now: DateTime<Utc>,
    ) -> Option<TimeDelta> {
        if self.is_there() {
            match self.0.counters.consume(counters, now).await {
                Ok(None) => {
                    self.0.own.record(counters, now);
                    return None;
                }
                Ok(wait) => return wait,
                Err(failure) => self.is_away(&failure),
            }
        }
        self.0.own.consume(counters, now)
    }

    /// How long to wait until every window has room. Counts nothing.
    pub(super) async fn wait(&self, counters: &[Counter], now: DateTime<Utc>) -> Option<TimeDelta> {
        if self.is_there() {
            match self.0.counters.wait(counters, now).await {
                Ok(wait) => return wait,
                Err(failure) => self.is_away(&failure),
            }
        }
        self.0.own.wait(counters, now)
    }

    /// Forgets windows.
    pub(super) async fn clear(&self, keys: &[String]) {
        if self.is_there()
            && let Err(failure) = self.0.counters.clear(keys).await
        {
            self.is_away(&failure);
        }
        self.0.own.clear(keys);
    }

    /// Finds out whether Redis answers, so that the log tells it at once if it does not.
    pub(super) async fn peek(&self) {
        if let Err(failure) = self.0.counters.ping().await {
            self.is_away(&failure);
        }
    }

    /// Whether to ask Redis. If it was left alone for long enough it is asked in the background.
    fn is_there(&self) -> bool {
        let mut absence = self.absence();
        let Some(ask_at) = absence.ask_at else { return true };
        if Instant::now() >= ask_at {
            absence.ask_at = Some(Instant::now() + PAUSE);
            let redis = self.clone();
            tokio::spawn(async move { redis.ask_again().await });
        }
        false
    }

    async fn ask_again(&self) {
        match self.0.counters.ping().await {
            Ok(()) => {
                *self.absence() = Absence::default();
                tracing::info!("Redis answers again and counts for all instances");
            }
            Err(failure) => self.is_away(&failure),
        }
    }

    fn is_away(&self, failure: &RedisFailure) {
        let mut absence = self.absence();
        let now = Instant::now();
        absence.ask_at = Some(now + PAUSE);
        if absence.told.is_none_or(|told| now.duration_since(told) >= WARN_EVERY) {
            absence.told = Some(now);
            tracing::warn!(
                %failure,
                "the Redis of cache.url is away: this instance keeps rate limits by itself"
            );
        }
    }

    fn absence(&self) -> MutexGuard<'_, Absence> {
        self.0.absence.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
