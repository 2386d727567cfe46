//! Counts requests in sliding windows, and refuses those above a limit.
//!
//! [`sliding_window`] has the rule, and this the choice of where counters are. A counter has a name
//! such as `login/ip/60/203.0.113.9`. A keyed digest of the name is stored, so that the counters
//! reveal no addresses.
//!
//! [`sliding_window`]: rest_auth_domain::sliding_window

mod memory;
mod redis;

use chrono::{DateTime, TimeDelta, Utc};
use rest_auth_domain::encoding;
use rest_auth_domain::signing::{SecretKeys, salted_hmac};
use rest_auth_settings::ConnectionUrl;
use rest_auth_store::{RedisCounters, Store, StoreError};

use self::memory::Memory;
use self::redis::Redis;
use crate::error::{AuthError, SetupError};
use crate::settings::CacheSettings;
use crate::settings::apps::CacheBackend;

pub use rest_auth_domain::sliding_window::{Counter, Rate};

/// The salt of the digests of counters.
const SALT: &str = "rest_auth.throttle";

/// The counters.
#[derive(Debug)]
pub struct Throttle {
    keys: SecretKeys,
    counts: Counts,
}

/// Where counters are.
#[derive(Debug)]
enum Counts {
    /// In this process.
    Memory(Memory),
    /// In the database.
    Database(Store),
    /// In Redis.
    Redis(Redis),
}

/// Whether `cache.url` can be the address of a Redis server.
///
/// # Errors
/// The end of a sentence that begins with the key. It does not contain the URL, which may hold a
/// password.
pub fn check_url(url: &ConnectionUrl) -> Result<(), String> {
    RedisCounters::check(url.expose()).map_err(|problem| match problem {
        StoreError::Settings(reason) => reason,
        other => other.to_string(),
    })
}

impl Throttle {
    pub(crate) fn new(
        settings: &CacheSettings,
        keys: &SecretKeys,
        store: &Store,
    ) -> Result<Self, SetupError> {
        let counts = match settings.backend() {
            CacheBackend::Memory => Counts::Memory(Memory::default()),
            CacheBackend::Database => Counts::Database(store.clone()),
            CacheBackend::Redis => Counts::Redis(redis(settings)?),
        };
        Ok(Self { keys: keys.clone(), counts })
    }

    /// Logs whether the store of the counters cannot be reached. Requests do not depend on this
    /// check.
    pub async fn peek(&self) {
        if let Counts::Redis(redis) = &self.counts {
            redis.peek().await;
        }
    }

    /// Counts one more in every window, in one step, so that concurrent requests cannot exceed a
    /// limit. If one of the windows is full, it counts in none and returns how long to wait.
    ///
    /// # Errors
    /// If the store of the counters does not answer.
    pub async fn consume(
        &self,
        counters: &[Counter],
        now: DateTime<Utc>,
    ) -> Result<Option<TimeDelta>, AuthError> {
        let counters = self.digested(counters);
        match &self.counts {
            Counts::Memory(memory) => Ok(memory.consume(&counters, now)),
            // Boxed, because they are large and every request would carry room for them.
            Counts::Database(store) => {
                Ok(Box::pin(store.consume_rate_limits(&counters, now)).await?)
            }
            Counts::Redis(redis) => Ok(Box::pin(redis.consume(&counters, now)).await),
        }
    }

    /// How long to wait until every window accepts a request; `None` if they do now. Counts
    /// nothing.
    ///
    /// # Errors
    /// As [`Self::consume`].
    pub async fn wait(
        &self,
        counters: &[Counter],
        now: DateTime<Utc>,
    ) -> Result<Option<TimeDelta>, AuthError> {
        let counters = self.digested(counters);
        match &self.counts {
            Counts::Memory(memory) => Ok(memory.wait(&counters, now)),
            Counts::Database(store) => Ok(store.rate_limit_wait(&counters, now).await?),
            Counts::Redis(redis) => Ok(redis.wait(&counters, now).await),
        }
    }

    /// Counts one less in every window: an attempt at this time, which [`Self::consume`] counted.
    ///
    /// # Errors
    /// As [`Self::consume`].
    pub async fn give_back(
        &self,
        counters: &[Counter],
        at: DateTime<Utc>,
    ) -> Result<(), AuthError> {
        let keys: Vec<_> = counters.iter().map(|counter| self.digest(&counter.key)).collect();
        match &self.counts {
            Counts::Memory(memory) => memory.give_back(&keys, at),
            Counts::Database(store) => Box::pin(store.give_back_rate_limits(&keys, at)).await?,
            Counts::Redis(redis) => redis.give_back(&keys, at).await,
        }
        Ok(())
    }

    /// Resets counters.
    ///
    /// # Errors
    /// As [`Self::consume`].
    pub async fn clear(&self, counters: &[Counter]) -> Result<(), AuthError> {
        let keys: Vec<_> = counters.iter().map(|counter| self.digest(&counter.key)).collect();
        match &self.counts {
            Counts::Memory(memory) => memory.clear(&keys),
            Counts::Database(store) => store.clear_rate_limits(&keys).await?,
            Counts::Redis(redis) => redis.clear(&keys).await,
        }
        Ok(())
    }

    fn digested(&self, counters: &[Counter]) -> Vec<Counter> {
        let digested =
            |counter: &Counter| Counter { key: self.digest(&counter.key), rate: counter.rate };
        counters.iter().map(digested).collect()
    }

    fn digest(&self, key: &str) -> String {
        encoding::hex(&salted_hmac(SALT, key.as_bytes(), self.keys.current()))
    }
}

fn redis(settings: &CacheSettings) -> Result<Redis, SetupError> {
    let problem = |problem: &str| SetupError::new("cache.url", problem);
    let url = settings.url.as_ref().ok_or_else(|| problem("is not set"))?;
    let counters = RedisCounters::new(url.expose(), &settings.key_prefix, settings.timeout);
    Ok(Redis::new(counters.map_err(|error| problem(&error.to_string()))?))
}
