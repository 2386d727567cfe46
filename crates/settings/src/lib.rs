//! Settings: how they are declared, read from a file and the environment, and shown.
//!
//! *Declared*: [`section`] first (the trait and the `settings!` macro that declares a section),
//! then [`value`] (what the type of a setting must be able to do) and `choices!` in [`choice`].
//! The files beside them are kinds of values, [`rules`] are about single values; [`mod@composition`] puts the sections of a program
//! together. The sections themselves live in the crates that use them.
//!
//! *Read*: [`mod@load`] takes `assignment`s from the `file`, the `environment` and the program, in
//! `django`'s spelling or the plain one, and `apply` gives each to its section. What is wrong is a
//! [`finding`]; `unknown` and `suggest` are about keys that do not exist, [`nearest`] is about words.
//!
//! *Shown*: [`mod@example`], [`mod@schema`] and [`mod@show`].

mod apply;
mod assignment;
pub mod choice;
pub mod collection;
pub mod composition;
pub mod connection;
mod django;
pub mod duration;
mod environment;
pub mod example;
mod file;
pub mod finding;
pub mod load;
pub mod nearest;
pub mod number;
pub mod origin;
pub mod pem;
pub mod place;
pub mod profile;
mod python;
pub mod rules;
pub mod schema;
pub mod secret;
pub mod section;
pub mod show;
mod suggest;
pub mod toml_text;
mod unknown;
pub mod value;

pub use composition::Composition;
pub use connection::ConnectionUrl;
pub use duration::{days, hours, minutes, seconds};
pub use example::example;
pub use finding::{Finding, Severity};
pub use load::{ConfigFile, Loaded, Sources, load};
pub use origin::ValueOrigin;
pub use pem::Pem;
pub use profile::Profile;
pub use schema::schema;
pub use secret::Secret;
pub use section::{Key, Section, SetError};
pub use show::show;
pub use value::{OneOrMany, SettingValue, ValueError};
