//! Reads which tables and migrations a database has.

use std::collections::HashSet;

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{DbBackend, Statement};

use crate::MigrationError;

/// The table of recorded steps.
pub(crate) const LEDGER: &str = "rest_auth_migration";

/// The names of the tables in the current schema.
///
/// # Errors
/// Errors of the database.
pub async fn tables<C: ConnectionTrait>(db: &C) -> Result<HashSet<String>, DbErr> {
    let backend = db.get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => {
            "SELECT table_name::text AS name FROM information_schema.tables \
             WHERE table_schema = current_schema()"
        }
        // Without the conversion MySQL 8 answers in a binary type.
        DbBackend::MySql => {
            "SELECT CONVERT(table_name USING utf8mb4) AS name FROM information_schema.tables \
             WHERE table_schema = DATABASE()"
        }
        _ => "SELECT name FROM sqlite_master WHERE type = 'table'",
    };
    let rows = db.query_all_raw(Statement::from_string(backend, sql)).await?;
    rows.iter().map(|row| row.try_get::<String>("", "name")).collect()
}

/// Refuses to go on where tables are there that the role may not read: they are left out of
/// [`tables`], which would look like a database that is not migrated. Only PostgreSQL tells.
///
/// # Errors
/// [`MigrationError::Forbidden`] and [`MigrationError::NoSchema`], with what to do.
pub(crate) async fn require_access<C: ConnectionTrait>(db: &C) -> Result<(), MigrationError> {
    if db.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let ask = |sql| db.query_one_raw(Statement::from_string(DbBackend::Postgres, sql));
    let role = "SELECT current_user::text AS role WHERE current_schema() IS NULL";
    if let Some(row) = ask(role).await? {
        return Err(MigrationError::NoSchema { role: row.try_get("", "role")? });
    }
    let forbidden = "SELECT c.relname::text AS name, n.nspname::text AS schema, \
                     current_user::text AS role \
                     FROM pg_catalog.pg_class c \
                     JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
                     WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') \
                     AND (c.relname LIKE 'rest\\_auth\\_%' OR c.relname = 'auth_user') \
                     AND NOT has_table_privilege(c.oid, 'SELECT') \
                     ORDER BY c.relname LIMIT 1";
    let Some(row) = ask(forbidden).await? else { return Ok(()) };
    Err(MigrationError::Forbidden {
        table: row.try_get("", "name")?,
        schema: row.try_get("", "schema")?,
        role: row.try_get("", "role")?,
    })
}

/// The names in the ledger of steps, those of newer releases included; none if there is no ledger.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn recorded<C: ConnectionTrait>(
    db: &C,
    tables: &HashSet<String>,
) -> Result<Vec<String>, DbErr> {
    if !tables.contains(LEDGER) {
        return Ok(Vec::new());
    }
    let steps =
        Query::select().column("version").from(LEDGER).order_by("version", Order::Asc).take();
    let rows = db.query_all(&steps).await?;
    rows.iter().map(|row| row.try_get::<String>("", "version")).collect()
}

/// The application and name of each row of `django_migrations`, which must exist.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn django_migrations<C: ConnectionTrait>(
    db: &C,
) -> Result<Vec<(String, String)>, DbErr> {
    let migrations = Query::select()
        .columns(["app", "name"])
        .from("django_migrations")
        .order_by("id", Order::Asc)
        .take();
    let rows = db.query_all(&migrations).await?;
    rows.iter().map(|row| Ok((row.try_get("", "app")?, row.try_get("", "name")?))).collect()
}

/// Whether the database has a table of this name.
///
/// # Errors
/// Errors of the database.
pub async fn has_table<C: ConnectionTrait>(db: &C, name: &str) -> Result<bool, DbErr> {
    Ok(tables(db).await?.contains(name))
}
