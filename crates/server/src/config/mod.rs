//! The configuration: one TOML file, the environment, and the defaults of a profile.
//!
//! Read `load` first. It reads assignments from the `file` and the `environment`, gives them their
//! canonical `names`, translates `legacy` keys and Django's forms of `values`, and sets them in
//! `settings`; then `derive` and `check` look at the whole. `example`, `show` and `schema` write.

pub mod check;
mod derive;
mod environment;
pub mod example;
mod file;
pub mod finding;
mod legacy;
pub mod listener;
pub mod load;
mod names;
pub mod origin;
pub mod schema;
pub mod settings;
pub mod show;
mod suggest;
mod toml_text;
mod values;

pub use finding::{Finding, Severity};
pub use load::{ConfigFile, Loaded, load};
pub use origin::Origin;
pub use settings::Settings;
