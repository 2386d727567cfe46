//! Django's server-side sessions.
//!
//! In the order a request meets them: the [`key`] from its cookie, the [`data`] of the row, the
//! [`mod@auth_hash`] that ties a login to a password, and the [`expiry`] of what is written.

pub mod auth_hash;
pub mod data;
pub mod expiry;
pub mod key;

pub use auth_hash::{HashVerdict, auth_hash, check_auth_hash};
pub use data::SessionData;
pub use expiry::{Lifetime, SessionLife};
pub use key::SessionKey;
