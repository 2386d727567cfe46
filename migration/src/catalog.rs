//! Reads which tables and migrations a database has.

use std::collections::HashSet;

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{DbBackend, Statement};

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
