//! What can go wrong while migrating.

use sea_orm::DbErr;

/// Why a migration was refused or broke off.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// Django has migrated this database, but its users are not in `auth_user`.
    #[error(
        "this database was migrated by Django but has no table auth_user: \
         projects with their own user model (AUTH_USER_MODEL) are not supported"
    )]
    NoUserTable,
    /// Another instance has held the migration lock for a whole minute.
    #[error("another instance is migrating this database and did not finish within 60 seconds")]
    Locked,
    /// A statement failed.
    #[error("{step} failed")]
    Step {
        /// The step that was being applied.
        step: &'static str,
        /// What the database said.
        source: DbErr,
    },
    /// The database could not be asked.
    #[error("the database could not be read")]
    Database(#[from] DbErr),
}
