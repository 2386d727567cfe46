//! A running server, from its settings to its end.
//!
//! [`run`] is the order of things. `notices` is what it says at its start, `listener` takes
//! connections, `tls` encrypts them, `patience` ends those that say nothing, and `signals` tells
//! when to stop.

mod listener;
mod notices;
mod patience;
mod run;
mod signals;
mod tls;

pub use run::run;
