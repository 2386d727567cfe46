//! Login: who is this, and may they come in?
//!
//! Reading order: [`password`] proves who somebody is, `proven` is what it found, `checks` is the
//! fixed list of what stands between that and a login, and `admission` holds [`complete`], the only
//! function that hands out credentials for a login. It alone makes what `admitted` declares, and
//! nothing is issued without that.

mod admission;
pub(crate) mod admitted;
pub(crate) mod checks;
pub mod password;
pub(crate) mod proven;

pub use admission::{LoggedIn, Outcome, Pending, complete};
pub use checks::Step;
pub use password::{PasswordLogin, by_basic, with_password};
pub use proven::{Factor, Method, Proven};
