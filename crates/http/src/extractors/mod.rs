//! Who sends a request, for handlers of other applications.
//!
//! [`CurrentUser`] turns away whoever is not logged in, [`OptionalUser`] lets everybody in, and
//! [`Authenticated`] also tells by which credential, and how old it is. `identify` is what they
//! share, [`AuthRejection`] how they turn a request away.

mod authenticated;
mod current_user;
mod identify;
mod optional_user;
mod rejection;

pub use authenticated::{Authenticated, Scheme};
pub use current_user::CurrentUser;
pub use optional_user::OptionalUser;
pub use rejection::AuthRejection;
