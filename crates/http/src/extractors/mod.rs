//! Who sends a request, for handlers of other applications.
//!
//! [`CurrentUser`] refuses requests of which no user is logged in, [`OptionalUser`] takes them too, and
//! [`Authenticated`] also tells by which credential, and how old it is. `identify` is what they
//! share, [`AuthRejection`] the answer to a request that they refuse.

mod authenticated;
mod current_user;
mod identify;
mod optional_user;
mod rejection;

pub use authenticated::{Authenticated, Scheme};
pub use current_user::CurrentUser;
pub use optional_user::OptionalUser;
pub use rejection::AuthRejection;
