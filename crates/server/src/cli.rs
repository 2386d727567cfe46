//! The command line.
//!
//! `arguments` declares the commands and `run` runs them; each has its own file. `source` reads the
//! configuration for all of them, `accounts` opens the database for those that need it.

mod accounts;
mod arguments;
mod check;
mod config;
mod init;
mod mail;
mod migrate;
mod openapi;
mod run;
mod shell;
mod social;
mod source;
mod user;

pub use run::run;
