//! The entries of a session.

use std::fmt;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use crate::signing::{SecretKeys, Signer};

const SALT: &str = "django.contrib.sessions.SessionStore";
const USER_ID: &str = "_auth_user_id";
const BACKEND: &str = "_auth_user_backend";
const AUTH_HASH: &str = "_auth_user_hash";
const EXPIRY: &str = "_session_expiry";
const CSRF_SECRET: &str = "_csrftoken";

/// The entries of a session. Those that nobody here knows are kept as they are and where they
/// are. It holds secrets: `Debug` shows the names of the entries only.
#[derive(Clone, Default, PartialEq)]
pub struct SessionData(Map<String, Value>);

impl SessionData {
    /// Reads the column `session_data`. What no key signed, or what is no object, reads as an
    /// empty session. Age does not matter: the column `expire_date` alone says how long a row
    /// lives.
    #[must_use]
    pub fn decode(text: &str, keys: &SecretKeys) -> Self {
        Self(Signer::new(keys, SALT).loads_ageless(text).unwrap_or_default())
    }

    /// The column `session_data`, signed with `now`.
    #[must_use]
    pub fn encode(&self, keys: &SecretKeys, now: DateTime<Utc>) -> String {
        Signer::new(keys, SALT).dumps_object(&self.0, true, now)
    }

    /// Whether there is no entry at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The entry of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Sets an entry.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }

    /// Removes an entry; the others keep their order.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        self.0.shift_remove(name)
    }

    /// Removes everything, as a logout does.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The id of the logged-in user, which Django writes as text.
    #[must_use]
    pub fn user_id(&self) -> Option<i64> {
        match self.0.get(USER_ID)? {
            Value::String(text) => text.parse().ok(),
            Value::Number(number) => number.as_i64(),
            _ => None,
        }
    }

    /// The dotted path of the authentication backend that signed the user in.
    #[must_use]
    pub fn backend(&self) -> Option<&str> {
        self.text(BACKEND)
    }

    /// The hash that ties the login to the password; see [`check_auth_hash`].
    ///
    /// [`check_auth_hash`]: super::check_auth_hash
    #[must_use]
    pub fn auth_hash(&self) -> Option<&str> {
        self.text(AUTH_HASH)
    }

    /// The session's own expiry: seconds, 0 for browser close, or an ISO 8601 text; see
    /// [`SessionLife`](super::SessionLife).
    #[must_use]
    pub fn expiry(&self) -> Option<&Value> {
        self.0.get(EXPIRY).filter(|value| !value.is_null())
    }

    /// The CSRF secret, where `CSRF_USE_SESSIONS` keeps it here.
    #[must_use]
    pub fn csrf_secret(&self) -> Option<&str> {
        self.text(CSRF_SECRET)
    }

    /// Signs a user in; entries of the anonymous session stay.
    pub fn sign_in(&mut self, user_id: i64, backend: &str, auth_hash: &str) {
        self.set(USER_ID, user_id.to_string());
        self.set(BACKEND, backend);
        self.set_auth_hash(auth_hash);
    }

    /// Renews the hash after a change of the password or of the secret key.
    pub fn set_auth_hash(&mut self, auth_hash: &str) {
        self.set(AUTH_HASH, auth_hash);
    }

    /// Keeps the CSRF secret in the session.
    pub fn set_csrf_secret(&mut self, secret: &str) {
        self.set(CSRF_SECRET, secret);
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }
}

impl From<Map<String, Value>> for SessionData {
    fn from(entries: Map<String, Value>) -> Self {
        Self(entries)
    }
}

impl fmt::Debug for SessionData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn unknown_entries_keep_value_and_place() {
        let keys = SecretKeys::new("k", Vec::new());
        let mut data = SessionData::default();
        data.set("account_verified_email", Value::Null);
        data.set("between", json!({"z": 1, "a": [1.5, "é"]}));
        data.sign_in(42, "some.Backend", "hash");
        data.remove("account_verified_email");
        let read = SessionData::decode(&data.encode(&keys, DateTime::UNIX_EPOCH), &keys);
        assert_eq!(read, data);
        let shown = r#"{"between", "_auth_user_id", "_auth_user_backend", "_auth_user_hash"}"#;
        assert_eq!(format!("{read:?}"), shown);
        assert_eq!(read.user_id(), Some(42));
    }

    #[test]
    fn signed_texts_that_are_no_object_read_as_empty() {
        let keys = SecretKeys::new("k", Vec::new());
        let signer = Signer::new(&keys, SALT);
        for payload in [json!(null), json!([1]), json!("x")] {
            let text = signer.dumps(&payload, true, DateTime::UNIX_EPOCH);
            assert!(SessionData::decode(&text, &keys).is_empty());
        }
    }

    #[test]
    fn users_of_the_wrong_type_are_nobody() {
        for id in [json!(null), json!("x"), json!(1.5), json!([1]), json!("9223372036854775808")] {
            let mut data = SessionData::default();
            data.set(USER_ID, id);
            assert_eq!(data.user_id(), None);
        }
    }
}
