//! The `rest-auth` command as its users meet it: a process, its streams and its socket.

#![expect(clippy::unwrap_used, reason = "what fails, fails the test")]

mod configuration;
mod database;
mod harness;
mod invitations;
mod serve;
mod slow_clients;
mod tls;
mod user;
