//! Windows in Redis, and the fallback while Redis does not answer.
//!
//! If Redis fails, limits must stay in force and logins must stay possible. Therefore everything is
//! also counted in the memory of this instance, and while Redis does not answer this memory
//! decides: each instance then applies the whole limit, starting from what it has counted so far.
//! Requests of that time are not added to Redis later.
//!
//! The first request that gets no answer waits for `cache.timeout`; the following ones do not ask
//! Redis. A background task asks it again every two seconds of real time, independent of the
//! server's clock, because this is about the network.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use rest_auth_domain::sliding_window::Counter;
use rest_auth_store::{RedisCounters, RedisFailure};

use super::memory::Memory;

/// How long Redis is not used before it is checked again.
const PAUSE: Duration = Duration::from_secs(2);
/// How often the log repeats that Redis does not answer.
const WARN_EVERY: Duration = Duration::from_mins(1);

/// Windows in Redis, and those of this instance in its memory.
#[derive(Clone, Debug)]
pub(super) struct Redis(Arc<RedisParts>);

#[derive(Debug)]
struct RedisParts {
    counters: RedisCounters,
    own: Memory,
    absence: Mutex<Absence>,
}

#[derive(Debug, Default)]
struct Absence {
    /// When to ask again; none while Redis answers.
    ask_at: Option<Instant>,
    /// When this was logged last.
    told: Option<Instant>,
}

impl Redis {
    pub(super) fn new(counters: RedisCounters) -> Self {
        let (own, absence) = (Memory::default(), Mutex::default());
        Self(Arc::new(RedisParts { counters, own, absence }))
    }

    /// Counts one more in each window, or in none and returns how long to wait.
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

    /// Counts an attempt at this time no more.
    pub(super) async fn give_back(&self, keys: &[String], at: DateTime<Utc>) {
        if self.is_there()
            && let Err(failure) = self.0.counters.give_back(keys, at).await
        {
            self.is_away(&failure);
        }
        self.0.own.give_back(keys, at);
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

    /// Checks whether Redis answers, so that a failure is logged at once.
    pub(super) async fn peek(&self) {
        if let Err(failure) = self.0.counters.ping().await {
            self.is_away(&failure);
        }
    }

    /// Whether to ask Redis. After the pause it is checked in the background.
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
