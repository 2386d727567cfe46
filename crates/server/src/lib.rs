//! The server: its configuration, its command line and its listener.
//!
//! Read [`config`] for what can be set, [`app`] for how a running server is put together, [`serve`]
//! for how it listens and stops, and [`cli`] for the commands.

pub mod app;
pub mod cli;
pub mod config;
mod health;
pub mod log;
pub mod secret_key;
pub mod serve;
