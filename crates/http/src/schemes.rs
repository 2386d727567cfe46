//! Where requests and answers carry credentials. Only this module knows it.
//!
//! `authenticate` reads who sent a request, `refresh` finds the refresh token of one, and `hand_out`
//! puts what a login or a refresh hands out into an answer.

mod authenticate;
mod hand_out;
mod refresh;

pub(crate) use authenticate::authenticate;
pub(crate) use hand_out::{deleted, logged_in, logged_out, refreshed, registered, set_up, waiting};
pub(crate) use refresh::{refresh_is_asked_for, refresh_to_renew, shown_at_logout};
