//! Creates and upgrades the database: Django's tables where Django has not made them, and ours.
//!
//! Reading order: [`Migrator`] lists the steps, one file each, written with `columns` and `tables`.
//! [`up`] and [`status`] are what a server asks for: `runner` puts the lock around the steps (`lock`
//! on PostgreSQL and SQLite, `lease` on MySQL) and afterwards makes what is missing of `indexes`,
//! `origin` tells who made Django's tables, and `findings` compares these with what this release
//! knows of Django.

mod catalog;
mod columns;
mod django;
mod error;
mod findings;
mod indexes;
mod lease;
mod lock;
mod m20261128_000001_settings;
mod m20261128_000002_django_tables;
mod m20261128_000003_users;
mod m20261128_000004_credentials;
mod m20261128_000005_secrets_and_mails;
mod m20261128_000006_rate_limits;
mod m20261128_000007_claims;
mod m20261128_000020_logins;
mod m20261129_000030_passkeys;
mod m20261129_000040_evidence;
mod m20261129_000050_mails_by_address;
mod m20261130_000060_guessed_passwords;
mod migrator;
mod origin;
mod runner;
mod tables;

pub use catalog::{has_table, tables};
pub use error::MigrationError;
pub use findings::{MigrationStatus, SchemaFinding};
pub use indexes::DjangoIndex;
pub use migrator::Migrator;
pub use origin::SchemaOrigin;
pub use runner::{Report, StatementNames, status, up};
