//! What a person can do: log in and out, register, change a password, forget it.
//!
//! Start with [`auth`], the handle that every flow takes, and [`login`], whose `complete` is the
//! only function that hands out credentials for a login. [`credentials`] says what these are. The
//! other flows have the names of their endpoints. [`accounts`] is for administrators. What flows
//! share: [`limits`] and [`throttle`], [`hashing`], [`lookup`], [`links`], [`outbox`]. [`cleanup`] forgets what
//! expired.

pub mod accounts;
pub mod auth;
pub mod cleanup;
pub mod client;
pub mod credentials;
pub mod email_verification;
pub mod error;
pub mod hashing;
pub mod limits;
pub mod links;
pub mod login;
pub mod logout;
pub mod lookup;
pub mod outbox;
pub mod password_change;
pub mod password_reset;
mod password_rules;
pub mod registration;
pub mod settings;
pub mod setup;
pub mod throttle;
pub mod user_details;
mod username_rules;

pub use rest_auth_store::User;
