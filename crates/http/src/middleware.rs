//! The layer in front of the endpoints. `pass` checks hosts, cross-origin rules and TLS, hands on
//! what is known of the request, bounds the time of the handler, catches panics, and adds the
//! headers of every answer. `request_id` names the request in the log, `repaired_cookies` replaces
//! cookies that cannot be what their name says.

mod pass;
mod repaired_cookies;
mod request_id;

pub(crate) use pass::{NoRoute, enter, pass};
