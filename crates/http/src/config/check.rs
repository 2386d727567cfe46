//! Whether values make sense together.
//!
//! `all` checks one topic after another, each in its own file, and `collector` collects the
//! findings. [`deploy()`] checks what matters in production only.

mod addresses;
mod all;
mod codes;
mod collector;
mod cookie_paths;
mod cookies;
mod credentials;
mod cross_origin;
mod deploy;
mod django;
mod languages;
mod limits;
mod mail;
mod passkeys;
mod prepared;
mod sites;
mod social;
mod users;

pub use all::check;
pub use deploy::deploy;

#[cfg(test)]
mod finding_tests;
#[cfg(test)]
mod tests;
