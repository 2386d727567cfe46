//! Accounts inside another application, by this crate alone.
//!
//! [`RestAuth`] is made by its [`Builder`], or from a file. [`prelude`] has what the code of an
//! application needs every day.

mod builder;
pub mod prelude;
mod rest_auth;

pub use builder::Builder;
pub use rest_auth::RestAuth;
