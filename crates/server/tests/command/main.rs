//! The `rest-auth` command as its users meet it: a process, its streams and its socket.

#![expect(clippy::unwrap_used, reason = "what fails, fails the test")]

mod behind_nginx;
mod behind_pgbouncer;
mod beside_django;
mod busy_cores;
mod cluster;
mod composition;
mod configuration;
mod crash;
mod daemon;
mod delivery;
mod harness;
mod init;
mod invitations;
mod late_database;
mod log_events;
mod lost_database;
mod mail;
mod mail_server;
mod migrate;
mod migrate_at_once;
mod own_tests;
mod phone_example;
mod read_only_database;
mod serve;
mod shell;
mod slow_clients;
mod social;
mod spa_example;
mod stuck_clients;
mod tls;
mod unwritable_database;
mod unwritable_log;
mod user;
mod visitor;
