//! Social login: reads the profile of a user from another service.
//!
//! [`mod@settings`] is the configuration. [`profile`] turns the JSON of a provider into what the
//! server knows about a user; below it `provider` has the record of one provider, `providers` all
//! of them, one file each, and [`addresses`] the rules for e-mail addresses.

pub mod addresses;
pub mod profile;
mod provider;
mod providers;
pub mod settings;

pub use addresses::{ProfileEmail, TrustedEmail};
pub use profile::{ProfileError, SocialProfile, Source, extract};
