//! A running server, from its settings to its end.
//!
//! [`run`] starts everything in order. `notices` are the log lines at the start, `listener` accepts
//! connections, `tls` encrypts them, and `signals` waits for the signal to stop. `connections` says
//! how many may be open, as far as `open_files` allow, `progress` is what one of them has served, and
//! `idle_timeout` closes it when that is nothing.

mod connections;
mod idle_timeout;
mod listener;
mod notices;
pub(crate) mod open_files;
mod progress;
mod run;
mod signals;
mod tls;

pub use run::run;
pub(crate) use tls::check as check_tls;
