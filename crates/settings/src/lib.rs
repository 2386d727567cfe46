//! Settings: what a section is, which values it can hold, how they are read.
//!
//! Read [`section`] first (the trait and the `settings!` macro that declares a section), then
//! [`value`] (what the type of a setting must be able to do) and `choices!` in [`choice`]. The
//! other files are kinds of values. The sections themselves live in the crates that use them.

pub mod choice;
pub mod collection;
pub mod connection;
pub mod duration;
pub mod number;
pub mod place;
pub mod profile;
pub mod secret;
pub mod section;
pub mod value;

pub use connection::ConnectionUrl;
pub use duration::{days, hours, minutes, seconds};
pub use profile::Profile;
pub use secret::Secret;
pub use section::{Key, Section, SetError};
pub use value::{OneOrMany, SettingValue, ValueError};
