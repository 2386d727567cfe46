//! What a login hands out, one file for each kind, and what ends all of it.

mod jwt;
mod revocation;
mod session;
mod token;
