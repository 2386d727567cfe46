//! What can go wrong while migrating.

use sea_orm_migration::DbErr;

/// The reason why a migration was refused or failed.
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
    /// MySQL: the lease of the migration lock could not be renewed in time.
    #[error(
        "the migration lock was lost, because the database did not answer for too long or \
         another instance took over: run the migration again"
    )]
    LeaseLost,
    /// A step failed.
    #[error("{step} failed")]
    Step {
        /// The step that was being applied.
        step: String,
        /// What the database said.
        source: DbErr,
    },
    /// PostgreSQL: the role may not read tables that are there.
    #[error(
        "permission denied for table {table}: let the owner GRANT SELECT, INSERT, UPDATE, DELETE ON ALL \
         TABLES IN SCHEMA {schema} TO {role}, and USAGE ON ALL SEQUENCES"
    )]
    Forbidden {
        /// The first of the tables.
        table: String,
        /// Their schema.
        schema: String,
        /// The role.
        role: String,
    },
    /// PostgreSQL: there is no schema that the role may use.
    #[error(
        "the role {role} may use none of the schemas in its search_path: let the owner GRANT USAGE ON \
         SCHEMA, usually public, to it"
    )]
    NoSchema {
        /// The role.
        role: String,
    },
    /// A query of the database failed.
    #[error("the database could not be read")]
    Database(#[from] DbErr),
}
