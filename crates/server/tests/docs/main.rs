//! The documentation is true: what can be made from the code is, and what it shows works.
//!
//! `reference` writes `docs/reference`, and `page` takes the blocks out of the other pages: those of
//! TOML are `loaded`, those of the shell `run`.

#![expect(clippy::unwrap_used, reason = "what fails, fails the test")]

mod loaded;
mod page;
mod reference;
mod run;
