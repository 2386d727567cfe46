//! A server started on a copy of a live Django database goes on where Django stopped: everything
//! that the project's users hold works, nothing that Django refuses does, and nothing is damaged.
//!
//! The database and what is true of it come from outside, see [`data::takeover`]; each test works
//! on copies of its own.
//!
//! [`data::takeover`]: rest_auth_tests::data::takeover

mod credentials;
mod factors;
mod hashes;
mod identities;
mod jwts;
mod links;
mod passwords;
mod project;
mod strict;
mod traces;
