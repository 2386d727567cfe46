//! What a database holds already.

use std::collections::HashSet;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

/// The names of the tables in the current schema.
///
/// # Errors
/// What the database says.
pub async fn tables<C: ConnectionTrait>(db: &C) -> Result<HashSet<String>, DbErr> {
    let sql = match db.get_database_backend() {
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
    let rows = query(db, sql).await?;
    rows.iter().map(|row| row.try_get::<String>("", "name")).collect()
}

/// The names in our own record of steps; none if there is no such record.
pub(crate) async fn applied<C: ConnectionTrait>(
    db: &C,
    tables: &HashSet<String>,
) -> Result<Vec<String>, DbErr> {
    if !tables.contains("rest_auth_migration") {
        return Ok(Vec::new());
    }
    let rows = query(db, "SELECT name FROM rest_auth_migration ORDER BY name").await?;
    rows.iter().map(|row| row.try_get::<String>("", "name")).collect()
}

/// The rows of `django_migrations`; none if there is no such table.
pub(crate) async fn django_migrations<C: ConnectionTrait>(
    db: &C,
    tables: &HashSet<String>,
) -> Result<Vec<(String, String)>, DbErr> {
    if !tables.contains("django_migrations") {
        return Ok(Vec::new());
    }
    let rows = query(db, "SELECT app, name FROM django_migrations ORDER BY id").await?;
    rows.iter().map(|row| Ok((row.try_get("", "app")?, row.try_get("", "name")?))).collect()
}

async fn query<C: ConnectionTrait>(db: &C, sql: &str) -> Result<Vec<sea_orm::QueryResult>, DbErr> {
    db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await
}

/// Whether the database has a table of this name.
///
/// # Errors
/// What the database says.
pub async fn has_table<C: ConnectionTrait>(db: &C, name: &str) -> Result<bool, DbErr> {
    Ok(tables(db).await?.contains(name))
}
