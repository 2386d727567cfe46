//! What a server has to offer so that scenarios can be replayed against it.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{Request, Response};
use serde_json::Value;

/// One running server with its own empty database, cache and mailbox.
///
/// Its clock is wound by hand: it stands still until [`Subject::advance`] moves it, and the
/// server takes every time it writes or checks from it.
#[async_trait]
pub trait Subject: Send + Sync {
    /// Answers one request, as the server would over HTTP/1.1.
    ///
    /// The request target is a path with query string exactly as recorded. Header values are
    /// raw bytes (latin-1), in both directions.
    async fn send(&self, request: Request<Bytes>) -> Response<Bytes>;

    /// Creates a user who exists before the first request, as an administrator would.
    ///
    /// Keys: `username`, `email`, `password`, `password_hash`, `is_active`, `is_staff`,
    /// `first_name`, `last_name`, `email_verified`, `extra_emails`, `token`,
    /// `social_accounts`, `totp_secret`.
    ///
    /// # Errors
    /// Says why the user could not be created; the scenario then fails.
    async fn create_user(&self, user: Value) -> Result<(), String>;

    /// Changes a user: `{"username", "set": {…}}` or `{"username", "delete": true}`.
    ///
    /// # Errors
    /// Says why the user could not be changed; the scenario then fails.
    async fn change_user(&self, change: Value) -> Result<(), String>;

    /// The time on the server's clock.
    fn now(&self) -> DateTime<Utc>;

    /// Winds the server's clock forward.
    fn advance(&self, by: Duration);

    /// The mails sent since the last call, oldest first, each a message after RFC 5322.
    async fn new_mails(&self) -> Vec<Vec<u8>>;
}

/// Starts servers.
#[async_trait]
pub trait Factory: Send + Sync {
    /// Starts a server with the configuration of a scenario laid over `base`; see [`merged`].
    ///
    /// `{{stub}}` is replaced in both by the base URL of the scenario's provider stub.
    ///
    /// # Errors
    /// Says why the server does not come up, for example because it refuses the configuration;
    /// the scenario then fails with this message.
    async fn start(&self, config: Value, base: &Value) -> Result<Box<dyn Subject>, String>;
}

/// Lays one configuration over another: tables are merged, everything else is replaced.
#[must_use]
pub fn merged(base: &Value, over: &Value) -> Value {
    let (Value::Object(base), Value::Object(over)) = (base, over) else {
        return over.clone();
    };
    let mut out = base.clone();
    for (key, value) in over {
        let value = out.get(key).map_or_else(|| value.clone(), |below| merged(below, value));
        out.insert(key.clone(), value);
    }
    Value::Object(out)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tables_are_merged_and_values_replaced() {
        let base = json!({"email": {"from": "a@b", "tls": true}, "list": [1, 2], "x": {"y": 1}});
        let over = json!({"email": {"from": "c@d"}, "list": [3], "x": 7, "new": {"k": 1}});
        let want = json!({"email": {"from": "c@d", "tls": true}, "list": [3], "x": 7,
            "new": {"k": 1}});
        assert_eq!(merged(&base, &over), want);
    }
}
