//! Extractors of the user who sent a request, for handlers of other applications.
//!
//! [`CurrentUser`] requires a user, [`OptionalUser`] accepts requests without one, and
//! [`Authenticated`] also gives the kind and age of the credential. `identify` is what they share,
//! and [`AuthRejection`] is the answer to a request that they refuse.

mod authenticated;
mod current_user;
mod identify;
mod optional_user;
mod rejection;

pub use authenticated::{Authenticated, CredentialScheme};
pub use current_user::CurrentUser;
pub use optional_user::OptionalUser;
pub use rejection::AuthRejection;
