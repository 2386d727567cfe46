//! Login: finds the user, checks every condition, and issues credentials.
//!
//! Reading order: [`password`] checks the password, which `guesses` bounds for each account; `proven`
//! is its result, `checks` is the fixed list of further conditions of a login, and `admission` holds [`complete`], the only function
//! that issues credentials for a login. Only it makes the type of `admitted`, which issuing
//! requires.

mod admission;
pub(crate) mod admitted;
pub(crate) mod checks;
pub(crate) mod guesses;
mod handed_over;
pub mod password;
pub(crate) mod proven;

pub use admission::{LoggedIn, Outcome, Pending, complete};
pub use checks::Step;
pub(crate) use handed_over::HandedOver;
pub use password::{PasswordLogin, by_basic, with_password};
pub use proven::{Factor, Method, Proven};
