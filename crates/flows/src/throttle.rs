//! Counts what somebody did lately, and tells when it was too much.
//!
//! [`sliding_window`] has the rule. What is counted has a name, such as
//! `login/ip/60/203.0.113.9`; kept is a keyed digest of it, so that whoever reads the counters
//! learns no address.
//!
//! [`sliding_window`]: rest_auth_domain::sliding_window

mod memory;

use chrono::{DateTime, TimeDelta, Utc};
use rest_auth_domain::encoding;
use rest_auth_domain::signing::{SecretKeys, salted_hmac};
use rest_auth_store::Store;

use self::memory::Memory;
use crate::error::AuthError;
use crate::settings::CacheSettings;
use crate::settings::apps::CacheBackend;

pub use rest_auth_domain::sliding_window::{Counter, Rate};

/// What the digests of this server's counters are made with, beside the secret key.
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
}

impl Throttle {
    pub(crate) fn new(settings: &CacheSettings, keys: &SecretKeys, store: &Store) -> Self {
        let counts = match settings.backend {
            CacheBackend::Memory => Counts::Memory(Memory::default()),
            CacheBackend::Database => Counts::Database(store.clone()),
        };
        Self { keys: keys.clone(), counts }
    }

    /// Counts one more in every window, in one step: of any number of requests that race, no more
    /// pass than fit. If one of the windows is full it counts in none and tells how long to wait.
    ///
    /// # Errors
    /// When the place that has the counters does not answer.
    pub async fn spend(
        &self,
        counters: &[Counter],
        now: DateTime<Utc>,
    ) -> Result<Option<TimeDelta>, AuthError> {
        let counters = self.digested(counters);
        match &self.counts {
            Counts::Memory(memory) => Ok(memory.spend(&counters, now)),
            Counts::Database(store) => Ok(store.spend_rate_limits(&counters, now).await?),
        }
    }

    /// How long to wait until there is room in every window; `None` if there is some now. Counts
    /// nothing.
    ///
    /// # Errors
    /// As [`Self::spend`].
    pub async fn wait(
        &self,
        counters: &[Counter],
        now: DateTime<Utc>,
    ) -> Result<Option<TimeDelta>, AuthError> {
        let counters = self.digested(counters);
        match &self.counts {
            Counts::Memory(memory) => Ok(memory.wait(&counters, now)),
            Counts::Database(store) => Ok(store.rate_limit_wait(&counters, now).await?),
        }
    }

    /// Forgets what was counted.
    ///
    /// # Errors
    /// As [`Self::spend`].
    pub async fn clear(&self, counters: &[Counter]) -> Result<(), AuthError> {
        let keys: Vec<_> = counters.iter().map(|counter| self.digest(&counter.key)).collect();
        match &self.counts {
            Counts::Memory(memory) => memory.clear(&keys),
            Counts::Database(store) => store.clear_rate_limits(&keys).await?,
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
