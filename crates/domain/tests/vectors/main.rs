//! The recorded test vectors of Django's formats, one test an area. The few that are about rows of
//! a database are run, and the areas counted, by `tests/vectors.rs` of the crate `rest-auth-tests`.
//!
//! `REST_AUTH_TEST_VECTORS` points the same tests at another file of the same form.

#![expect(clippy::unwrap_used, reason = "a vector that cannot be read fails its test")]

mod allauth_mfa;
mod authorization;
mod cookie;
mod csrf;
mod email_key;
mod inputs;
mod json;
mod jwt;
mod load;
mod mfa;
mod names;
mod password_reset;
mod passwords;
mod session;
mod signing;
mod uid;
mod webauthn;
