//! Django's server-side sessions.
//!
//! In the order a request meets them: the [`key`] from its cookie, the [`data`] of the row, the
//! [`mod@auth_hash`] that ties a login to a password, the [`expiry`] of what is written, and the
//! [`ending`] that decides whether anything is.

pub mod auth_hash;
pub mod data;
pub mod ending;
pub mod expiry;
pub mod key;

pub use auth_hash::{HashVerdict, auth_hash, judge_auth_hash};
pub use data::SessionData;
pub use ending::{Ending, SessionUse, WhatToDo};
pub use expiry::{Lifetime, SessionLife};
pub use key::SessionKey;
