//! Who somebody is, read from the JSON of a social provider.
//!
//! [`extract`] puts together [`uid`], the identity, which must never change for an account,
//! the e-mail addresses and the names.

mod addresses;
mod fields;
mod profile;
pub mod uid;

pub use addresses::{ProfileEmail, TrustedEmail};
pub use profile::{ProfileError, SocialProfile, Source, extract};
