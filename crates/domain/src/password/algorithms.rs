//! One file for each algorithm: how its text is read, checked and written.
//!
//! Each has a `Stored` with the same four verbs (`parse`, `matches`, `is_outdated`, `harden` where
//! Django has it), an `allows` with the bounds, and an `encode`. Bounds are checked while reading,
//! before anything is hashed: a single hostile row must not stall a server.

pub(crate) mod argon2;
pub(crate) mod bcrypt;
mod fields;
pub(crate) mod md5;
pub(crate) mod pbkdf2;
pub(crate) mod scrypt;

pub(crate) use fields::SALT_LENGTH;
