//! A running server, from its settings to its end.
//!
//! [`run`] starts everything in order. `notices` are the log lines at the start, `listener` accepts
//! connections, `tls` encrypts them, `patience` closes silent ones, and `signals` waits for the
//! signal to stop.

mod listener;
mod notices;
mod patience;
mod run;
mod signals;
mod tls;

pub use run::run;
pub(crate) use tls::check as check_tls;
