//! Counters in Redis, for limits that several instances share.
//!
//! A key is a sliding window: a list of the times of accepted requests, newest first, in
//! microseconds. One script looks at all windows of a request and counts in all or in none; Redis
//! runs one script at a time, so concurrent requests cannot exceed a limit. The time is the
//! caller's, as everywhere; only the expiry of keys uses the clock of Redis.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, IntoConnectionInfo as _, RedisError, Script};
use rest_auth_domain::sliding_window::Counter;
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::StoreError;

/// Arguments are the time, whether to count, and for each key its amount and its period. Answers
/// the time to wait, or -1. A key outlives its period by a second, for clocks that differ.
const SCRIPT: &str = r"
local now, longest = tonumber(ARGV[1]), -1
for i, key in ipairs(KEYS) do
    local amount, period = tonumber(ARGV[2 * i + 1]), tonumber(ARGV[2 * i + 2])
    local wait = period
    if amount > 0 then
        local oldest = redis.call('LINDEX', key, amount - 1)
        wait = oldest and tonumber(oldest) + period - now or -1
    end
    if wait > 0 then longest = math.max(longest, wait) end
end
if longest < 0 and ARGV[2] == 'count' then
    for i, key in ipairs(KEYS) do
        redis.call('LPUSH', key, ARGV[1])
        redis.call('LTRIM', key, 0, tonumber(ARGV[2 * i + 1]) - 1)
        redis.call('PEXPIRE', key, math.ceil(tonumber(ARGV[2 * i + 2]) / 1000) + 1000)
    end
end
return longest
";

/// Counters in Redis.
pub struct RedisCounters {
    client: Client,
    prefix: String,
    patience: Duration,
    script: Script,
    connection: Mutex<Option<MultiplexedConnection>>,
}

/// An error of Redis.
#[derive(Debug, thiserror::Error)]
pub enum RedisFailure {
    /// It cannot be reached, or refused.
    #[error(transparent)]
    Refused(#[from] RedisError),
    /// It took longer than the configured time.
    #[error("no answer within {0:?}")]
    Late(Duration),
}

impl RedisCounters {
    /// Prepares to count; connects when it first does. Every key begins with `prefix`. Nothing
    /// takes longer than `patience`, connecting included.
    ///
    /// # Errors
    /// [`StoreError::Settings`] when the URL is none of Redis's.
    pub fn new(url: &str, prefix: &str, patience: Duration) -> Result<Self, StoreError> {
        Self::check(url)?;
        let client = Client::open(url).map_err(|_| unusable())?;
        Ok(Self {
            client,
            prefix: prefix.to_owned(),
            patience,
            script: Script::new(SCRIPT),
            connection: Mutex::new(None),
        })
    }

    /// Checks that a URL is one of Redis.
    ///
    /// # Errors
    /// [`StoreError::Settings`] when it is not; the URL, which may hold a password, is no part of
    /// the message.
    pub fn check(url: &str) -> Result<(), StoreError> {
        if !["redis://", "rediss://"].iter().any(|scheme| url.starts_with(scheme)) {
            let reason = "must begin with redis:// or, for TLS, rediss://";
            return Err(StoreError::Settings(reason.to_owned()));
        }
        url.into_connection_info().map(drop).map_err(|_| unusable())
    }

    /// Counts one more in every window, or in none and returns how long to wait. Each key at most
    /// once.
    ///
    /// # Errors
    /// When Redis does not answer in time, or refuses.
    pub async fn consume(
        &self,
        counters: &[Counter],
        now: DateTime<Utc>,
    ) -> Result<Option<TimeDelta>, RedisFailure> {
        self.in_time(self.run("count", counters, now)).await
    }

    /// How long to wait until every window accepts a request. Counts nothing.
    ///
    /// # Errors
    /// As [`Self::consume`].
    pub async fn wait(
        &self,
        counters: &[Counter],
        now: DateTime<Utc>,
    ) -> Result<Option<TimeDelta>, RedisFailure> {
        self.in_time(self.run("peek", counters, now)).await
    }

    /// Counts an attempt at this time no more.
    ///
    /// # Errors
    /// As [`Self::consume`].
    pub async fn give_back(&self, keys: &[String], at: DateTime<Utc>) -> Result<(), RedisFailure> {
        self.in_time(async {
            let mut connection = self.connection().await?;
            let mut commands = redis::pipe();
            for key in keys {
                commands.lrem(self.named(key), 1, at.timestamp_micros()).ignore();
            }
            commands.query_async(&mut connection).await
        })
        .await
    }

    /// Deletes windows.
    ///
    /// # Errors
    /// As [`Self::consume`].
    pub async fn clear(&self, keys: &[String]) -> Result<(), RedisFailure> {
        let keys: Vec<_> = keys.iter().map(|key| self.named(key)).collect();
        self.in_time(async {
            let mut connection = self.connection().await?;
            redis::cmd("DEL").arg(keys).query_async(&mut connection).await
        })
        .await
    }

    /// Checks that it answers.
    ///
    /// # Errors
    /// As [`Self::consume`].
    pub async fn ping(&self) -> Result<(), RedisFailure> {
        self.in_time(async {
            let mut connection = self.connection().await?;
            redis::cmd("PING").query_async::<String>(&mut connection).await.map(drop)
        })
        .await
    }

    async fn run(
        &self,
        mode: &str,
        counters: &[Counter],
        now: DateTime<Utc>,
    ) -> Result<Option<TimeDelta>, RedisError> {
        let mut connection = self.connection().await?;
        let mut script = self.script.prepare_invoke();
        script.arg(now.timestamp_micros()).arg(mode);
        for Counter { key, rate } in counters {
            let period = rate.period.num_microseconds().unwrap_or(i64::MAX);
            script.key(self.named(key)).arg(rate.amount).arg(period);
        }
        let wait: i64 = script.invoke_async(&mut connection).await?;
        Ok((wait >= 0).then(|| TimeDelta::microseconds(wait)))
    }

    fn named(&self, key: &str) -> String {
        format!("{}:{key}", self.prefix)
    }

    async fn connection(&self) -> Result<MultiplexedConnection, RedisError> {
        let mut kept = self.connection.lock().await;
        if let Some(connection) = &*kept {
            return Ok(connection.clone());
        }
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.patience))
            .set_response_timeout(Some(self.patience));
        let connection = self.client.get_multiplexed_async_connection_with_config(&config).await?;
        *kept = Some(connection.clone());
        Ok(connection)
    }

    async fn in_time<T>(
        &self,
        work: impl Future<Output = Result<T, RedisError>>,
    ) -> Result<T, RedisFailure> {
        let failure = match timeout(self.patience, work).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => RedisFailure::Refused(error),
            Err(_) => RedisFailure::Late(self.patience),
        };
        // The next call connects again, unless another one is connecting already.
        if let Ok(mut kept) = self.connection.try_lock() {
            *kept = None;
        }
        Err(failure)
    }
}

impl fmt::Debug for RedisCounters {
    /// The client would print the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisCounters").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

/// What the library says of it may repeat the URL.
fn unusable() -> StoreError {
    let form = "must be like redis://:PASSWORD@HOST:PORT/NUMBER, the last a number of a database";
    StoreError::Settings(form.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_redis_will_do() {
        for url in [
            "redis://localhost",
            "redis://:p%40ss@cache.example.com:6380/3",
            "rediss://cache.example.com",
            "redis://[::1]:6379/0",
        ] {
            assert!(RedisCounters::check(url).is_ok(), "{url}");
        }
        for url in [
            "localhost:6379",
            "http://localhost",
            "redis://",
            "redis://localhost:port",
            "redis://localhost/counters",
            "redis:localhost",
        ] {
            let problem = RedisCounters::check(url).expect_err(url).to_string();
            assert!(!problem.contains("localhost"), "{problem}");
        }
    }

    #[test]
    fn the_password_is_not_printed() {
        let url = "redis://ada:hunter2@localhost";
        let counters = RedisCounters::new(url, "p", Duration::from_secs(1)).unwrap();
        assert!(!format!("{counters:?}").contains("hunter2"));
    }
}
