//! Runs statements.
//!
//! They are written once, with `?` for parameters and `"name"` for identifiers, and are constant
//! texts, so that every database prepares each of them once per connection. Parameters travel
//! apart from the text, always.

use sea_orm::sea_query::{Value, Values};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement};

use crate::connection::{Connection, Transaction};
use crate::id::Id;

/// What statements that write run on.
pub(crate) trait Writer: ConnectionTrait {}

impl Writer for Connection {}

impl Writer for Transaction {}

/// Runs a statement and tells how many rows it matched.
pub(crate) async fn execute<C: Writer>(
    db: &C,
    sql: &'static str,
    values: impl IntoIterator<Item = Value> + Send,
) -> Result<u64, DbErr> {
    let statement = statement(db.get_database_backend(), sql, values);
    Ok(db.execute_raw(statement).await?.rows_affected())
}

/// Runs an INSERT into a table with a generated key `id` and returns that key.
pub(crate) async fn insert<C: Writer>(
    db: &C,
    sql: &'static str,
    values: impl IntoIterator<Item = Value> + Send,
) -> Result<i64, DbErr> {
    let mut statement = statement(db.get_database_backend(), sql, values);
    if db.get_database_backend() == DbBackend::Postgres {
        statement.sql.push_str(" RETURNING \"id\"");
        let row = db.query_one_raw(statement).await?.ok_or(DbErr::RecordNotInserted)?;
        return Ok(row.try_get::<Id>("", "id")?.0);
    }
    let id = db.execute_raw(statement).await?.last_insert_id();
    i64::try_from(id).map_err(|_| DbErr::RecordNotInserted)
}

/// The first row, if there is one.
pub(crate) async fn one<R: FromQueryResult, C: ConnectionTrait>(
    db: &C,
    sql: &'static str,
    values: impl IntoIterator<Item = Value> + Send,
) -> Result<Option<R>, DbErr> {
    let statement = statement(db.get_database_backend(), sql, values);
    let row = db.query_one_raw(statement).await?;
    row.map(|row| R::from_query_result(&row, "")).transpose()
}

/// All rows.
pub(crate) async fn all<R: FromQueryResult, C: ConnectionTrait>(
    db: &C,
    sql: &'static str,
    values: impl IntoIterator<Item = Value> + Send,
) -> Result<Vec<R>, DbErr> {
    let statement = statement(db.get_database_backend(), sql, values);
    let rows = db.query_all_raw(statement).await?;
    rows.iter().map(|row| R::from_query_result(row, "")).collect()
}

/// Whether there is any row.
pub(crate) async fn exists<C: ConnectionTrait>(
    db: &C,
    sql: &'static str,
    values: impl IntoIterator<Item = Value> + Send,
) -> Result<bool, DbErr> {
    let statement = statement(db.get_database_backend(), sql, values);
    Ok(db.query_one_raw(statement).await?.is_some())
}

/// Puts a portable text and its parameters into the words of a database.
pub(crate) fn statement(
    backend: DbBackend,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Statement {
    Statement {
        sql: in_dialect(backend, sql),
        values: Some(Values(values.into_iter().collect())),
        db_backend: backend,
    }
}

/// `?` becomes `$1`, `$2`, … on PostgreSQL, `"` becomes a backtick on MySQL. None of our texts has
/// either character inside a literal.
fn in_dialect(backend: DbBackend, sql: &str) -> String {
    match backend {
        DbBackend::Postgres => {
            let mut out = String::with_capacity(sql.len() + 16);
            for (number, part) in sql.split('?').enumerate() {
                if number > 0 {
                    out.push('$');
                    out.push_str(&number.to_string());
                }
                out.push_str(part);
            }
            out
        }
        DbBackend::MySql => sql.replace('"', "`"),
        _ => sql.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speaks_every_dialect() {
        let sql = r#"SELECT "a" FROM "t" WHERE "b" = ? AND "c" = ?"#;
        assert_eq!(
            in_dialect(DbBackend::Postgres, sql),
            r#"SELECT "a" FROM "t" WHERE "b" = $1 AND "c" = $2"#
        );
        assert_eq!(
            in_dialect(DbBackend::MySql, sql),
            "SELECT `a` FROM `t` WHERE `b` = ? AND `c` = ?"
        );
        assert_eq!(in_dialect(DbBackend::Sqlite, sql), sql);
    }
}
