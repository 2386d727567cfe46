//! Creates and upgrades the database: Django's tables where Django has not made them, and ours.
//!
//! Reading order: [`up`] and [`status`] are the two questions a server asks; `steps` names what
//! there is to apply and `django` what a database must look like for Django to find nothing to do.

mod catalog;
mod django;
mod error;
mod findings;
mod lock;
mod runner;
mod split;
mod steps;

pub use catalog::{has_table, tables};
pub use error::MigrationError;
pub use findings::{Finding, Origin, Status};
pub use runner::{Report, status, up};
