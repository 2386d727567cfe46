//! The operations of users: log in and out, register, change and reset a password.
//!
//! Every flow takes [`auth`], the handle of the accounts, [`context`], the request that it runs in,
//! and its input. Start with [`login`], whose `complete` is the only function that issues
//! credentials for a login. [`credentials`] are these credentials. The other flows have the names
//! of their endpoints. [`accounts`], [`invitations`] and [`password_forms`] are for administrators.
//! What flows share:
//! [`limits`] and [`throttle`], [`hashing`], [`lookup`], [`links`], [`outbox`], [`user_fields`],
//! and within this crate `challenges`, `mailed_secret`, `reauthentication`, `notices` and
//! `known_clients`.
//! [`events`] are what all of them report. [`open`] connects to what the settings name,
//! [`secret_key`] keeps a key where none is set, and [`workers`] runs [`outbox`] and [`cleanup`]
//! beside the requests.
//!
//! What many flows await returns a `BoxFuture`: the body of an async function is compiled anew in each
//! crate, and each part of one, that awaits it.

pub mod account_deletion;
pub mod accounts;
pub mod auth;
pub mod authentication_backend;
mod challenges;
pub mod cleanup;
pub mod client;
pub mod context;
pub mod counted;
pub mod credentials;
pub mod csrf;
pub mod current_session;
pub mod email_verification;
pub mod emails;
pub mod error;
pub mod events;
pub(crate) mod evidence;
pub mod hashing;
pub mod invitations;
mod known_clients;
pub mod limits;
pub mod links;
pub mod login;
pub mod logout;
pub mod lookup;
mod mailed_secret;
pub mod mfa;
pub mod networks;
mod notices;
pub mod open;
pub mod outbox;
pub mod passkeys;
pub mod password_change;
pub mod password_forms;
pub mod password_reset;
mod password_rules;
mod primary_address;
pub mod reauthentication;
pub mod registration;
mod reset_link;
pub mod secret_key;
pub mod sessions;
pub mod settings;
pub mod setup;
pub mod social;
pub mod throttle;
pub mod trusted_browsers;
pub mod user_details;
pub mod user_fields;
mod username;
pub mod workers;

pub use rest_auth_store::User;
