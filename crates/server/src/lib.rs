//! The server: its command line and its listener.
//!
//! Read [`cli`] for the commands, and [`serve`] for how a server starts, listens and stops. What can
//! be set, and how a running server is put together, is in `rest_auth_http`, which programs embed.

pub mod cli;
mod health;
pub mod log;
mod migrated;
pub mod serve;
