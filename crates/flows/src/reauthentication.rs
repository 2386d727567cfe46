//! Step-up: what changes ways to log in needs a proof that is fresh. A stolen login must not be
//! enough for it.
//!
//! `confirm` is what such a change asks: a password in its form, or evidence of the credential that is
//! younger than `account.reauthentication_timeout`, which `credential` finds. [`prove`] takes a new
//! proof of the user, `methods` are those that the user has, and `passkey` begins and checks the one
//! that takes two requests. `login_mark` tells one login of a user from the others, for all that takes
//! two requests.

mod confirm;
mod credential;
mod login_mark;
mod methods;
mod passkey;
mod prove;

pub(crate) use confirm::{CURRENT_PASSWORD, PasswordShown, check, confirm, require};
pub(crate) use login_mark::LoginMark;
pub use methods::{Standing, standing};
pub use passkey::begin as begin_with_passkey;
pub use prove::{Proof, prove};
