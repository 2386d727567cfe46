//! Keys of its own for one test.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use redis::{Client, Commands as _, Connection, RedisResult};

static COUNT: AtomicU32 = AtomicU32::new(0);

/// A prefix of keys that no other test has. Its keys are removed when it is dropped.
#[derive(Debug)]
pub struct TestRedis {
    url: String,
    prefix: String,
}

impl TestRedis {
    /// Picks a prefix. `None`: no server is in the environment, as `REST_AUTH_TEST_REDIS_URL`.
    #[must_use]
    pub fn fresh() -> Option<Self> {
        let url = super::server("REST_AUTH_TEST_REDIS_URL")?;
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        Some(Self { url, prefix: format!("rest_auth_test_{}_{number}", std::process::id()) })
    }

    /// The URL of the server.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What every key begins with.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The keys that there are.
    ///
    /// # Panics
    /// When the server does not answer.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        self.list().unwrap_or_else(|error| panic!("the keys cannot be listed: {error}")).1
    }

    fn list(&self) -> RedisResult<(Connection, Vec<String>)> {
        let client = Client::open(self.url.as_str())?;
        let mut connection = client.get_connection_with_timeout(Duration::from_secs(5))?;
        let pattern = format!("{}:*", self.prefix);
        let keys = connection.scan_match(pattern)?.collect::<RedisResult<Vec<String>>>()?;
        Ok((connection, keys))
    }
}

impl Drop for TestRedis {
    fn drop(&mut self) {
        let removed = self.list().and_then(|(mut connection, keys)| match keys.as_slice() {
            [] => Ok(()),
            keys => connection.del(keys),
        });
        if removed.is_err() {
            tracing::warn!(prefix = self.prefix, "keys of a test were left behind");
        }
    }
}
