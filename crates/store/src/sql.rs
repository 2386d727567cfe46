//! Runs statements.
//!
//! They are written once, with `?` for parameters and `"name"` for identifiers, and are constant
//! texts, so that every database prepares each of them once per connection. Parameters travel
//! apart from the text, always.

use sea_orm::sea_query::{Value, Values};
use sea_orm::{
    ColIdx, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult,
    FromQueryResult, QueryResult, RuntimeErr, Statement, TryGetError, TryGetable,
};

use crate::error::is_deadlock;
use crate::json::JsonColumn;
use crate::time::DjangoTime;

/// A key that Django declares as `integer` or `bigint`, depending on the age of the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Id(pub(crate) i64);

impl TryGetable for Id {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        // Only PostgreSQL's driver insists on the declared width.
        if row.try_as_pg_row().is_some() {
            match i32::try_get_by(row, index) {
                Ok(id) => return Ok(Self(i64::from(id))),
                Err(TryGetError::Null(column)) => return Err(TryGetError::Null(column)),
                Err(TryGetError::DbErr(_)) => {}
            }
        }
        i64::try_get_by(row, index).map(Self)
    }
}

/// How often a statement that stands by itself is tried while others make it give way.
const MOST_TRIES: u32 = 5;

/// What statements that write run on.
pub(crate) trait Writer: ConnectionTrait {
    /// Whether each statement is a transaction of its own, and can be run again when the database
    /// took it back.
    const ONE_BY_ONE: bool;
}

impl Writer for DatabaseConnection {
    const ONE_BY_ONE: bool = true;
}

impl Writer for DatabaseTransaction {
    const ONE_BY_ONE: bool = false;
}

/// Runs a statement and tells how many rows it matched.
pub(crate) async fn execute<C: Writer>(
    db: &C,
    sql: &'static str,
    values: impl IntoIterator<Item = Value> + Send,
) -> Result<u64, DbErr> {
    let statement = statement(db.get_database_backend(), sql, values);
    Ok(run(db, statement).await?.rows_affected())
}

/// Runs a statement, again if it was in the way of another and may be repeated.
async fn run<C: Writer>(db: &C, statement: Statement) -> Result<ExecResult, DbErr> {
    if C::ONE_BY_ONE {
        for _ in 1..MOST_TRIES {
            match db.execute_raw(statement.clone()).await {
                Err(error) if gave_way(&error) => {}
                other => return other,
            }
        }
    }
    db.execute_raw(statement).await
}

fn gave_way(error: &DbErr) -> bool {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => {
            is_deadlock(cause)
        }
        _ => false,
    }
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
    let id = run(db, statement).await?.last_insert_id();
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
    let values = values.into_iter().map(|value| match value {
        Value::ChronoDateTimeUtc(time) => DjangoTime::value(time, backend),
        Value::Json(json) => JsonColumn::value(json, backend),
        other => other,
    });
    Statement {
        sql: in_dialect(backend, sql),
        values: Some(Values(values.collect())),
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
