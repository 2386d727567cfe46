//! Login: finds the user, checks every condition, and issues credentials.
//!
//! Reading order: [`password`] checks the password, which `guesses` bounds for each account, and
//! [`passkey`] a passkey; `proven` is their result, made of each `factor`; `checks` is the fixed
//! list of further conditions of a login, and `admission` holds [`complete`], the only function
//! that issues credentials for a login, and `complete_at_once`, for a user who is logged in
//! already. Only it makes the type of `admitted`, which issuing requires.
//!
//! A login that stops is `pending`, and what is kept of it is `waiting`. `second_factor` is what users
//! have set up; `shown_factor` goes on with a code of it by `second_step`, or with a passkey by
//! `second_passkey`, `set_up` with a new app, and `set_up_passkey` with a new passkey. `mailed_code`
//! asks for a code of its own.

mod admission;
pub(crate) mod admitted;
pub(crate) mod checks;
pub(crate) mod factor;
pub(crate) mod guesses;
mod handed_over;
mod mailed_code;
pub mod passkey;
pub mod password;
mod pending;
pub(crate) mod proven;
pub(crate) mod second_factor;
mod second_passkey;
mod second_step;
mod set_up;
mod set_up_passkey;
mod shown_factor;
mod waiting;

pub(crate) use admission::complete_at_once;
pub use admission::{Browser, LoggedIn, Outcome, complete};
pub use checks::Step;
pub use factor::{Factor, Method};
pub(crate) use handed_over::HandedOver;
pub use password::{PasswordLogin, by_basic, with_password};
pub use pending::Pending;
pub use proven::Proven;
pub use second_passkey::begin_with_passkey;
pub use set_up::{SetUpLogin, begin_set_up, complete_set_up};
pub use set_up_passkey::{begin_set_up_passkey, complete_set_up_passkey};
pub use shown_factor::{ShownFactor, with_second_factor};
