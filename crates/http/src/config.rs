//! The configuration: one TOML file, the environment, and the defaults of a profile.
//!
//! [`composition`] lists the sections of every layer. [`mod@load`] reads them, lets `derive` fill in
//! what follows from other keys, and has [`mod@check`] look at the whole. [`listener`] declares the
//! sections that only a server of its own uses: a program that embeds the accounts can share its
//! file with the command line.

pub mod check;
pub mod composition;
mod derive;
pub(crate) mod layers;
pub mod listener;
pub mod load;

pub use check::{check, deploy};
pub use composition::Settings;
pub use load::{Loaded, load, load_from};
pub use rest_auth_settings::{ConfigFile, Finding, Severity, Sources, ValueOrigin};

#[cfg(test)]
mod tests;
