//! Whether values make sense together.
//!
//! `all` asks about one topic after another, each in a file of its own, and `collector` gathers
//! the answers. [`deploy()`] asks what matters only in production.

mod addresses;
mod all;
mod codes;
mod collector;
mod cookies;
mod credentials;
mod deploy;
mod languages;
mod limits;
mod mail;
mod users;

pub use all::check;
pub use deploy::deploy;

#[cfg(test)]
mod tests;
