//! Which user a session key most likely belongs to.
//!
//! Django's session rows do not name their user outside the signed data. A remembered user id
//! allows one SELECT for the row and the user. The signed data then shows whether the id was right,
//! so a wrong or missing one costs one more query and never gives a wrong answer.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::sync::{Mutex, PoisonError};

use rest_auth_domain::session::SessionKey;

/// How many ids are kept: at 16 bytes each this is about a megabyte.
const CAPACITY: usize = 32_768;

/// The user ids, by a keyed hash of the session key, so that no key is kept.
#[derive(Debug, Default)]
pub struct SessionHints {
    hasher: RandomState,
    users: Mutex<HashMap<u64, i64>>,
}

impl SessionHints {
    pub(crate) fn get(&self, key: &SessionKey) -> Option<i64> {
        let hash = self.hasher.hash_one(key.as_str());
        self.users.lock().unwrap_or_else(PoisonError::into_inner).get(&hash).copied()
    }

    pub(crate) fn set(&self, key: &SessionKey, user_id: i64) {
        let hash = self.hasher.hash_one(key.as_str());
        let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        if users.len() >= CAPACITY && !users.contains_key(&hash) {
            // Starting over is rare and only costs each session one query more.
            users.clear();
        }
        users.insert(hash, user_id);
    }

    pub(crate) fn forget(&self, key: &SessionKey) {
        let hash = self.hasher.hash_one(key.as_str());
        self.users.lock().unwrap_or_else(PoisonError::into_inner).remove(&hash);
    }
}
