//! One change of a user at a time, where what is read decides what may be written.

use sea_orm::{DbErr, FromQueryResult};

use crate::connection::Transaction;
use crate::{Backend, sql};

/// SQLite's transactions that write hold the lock of the whole file already.
const FIND: &str = r#"SELECT "email" AS "email" FROM "auth_user" WHERE "id" = ?"#;
const LOCK: &str = r#"SELECT "email" AS "email" FROM "auth_user" WHERE "id" = ? FOR UPDATE"#;

#[derive(FromQueryResult)]
struct EmailRow {
    email: String,
}

/// Keeps everybody else from changing a user until the transaction ends, and tells the address in
/// the user's own column; `None` if there is no such user.
///
/// Rows that belong to a user are written after this and never before, or two transactions wait
/// for each other.
pub(crate) async fn lock(
    tx: &Transaction,
    backend: Backend,
    user_id: i64,
) -> Result<Option<String>, DbErr> {
    let text = match backend {
        Backend::Sqlite => FIND,
        Backend::Postgres | Backend::Mysql => LOCK,
    };
    let row = sql::one::<EmailRow, _>(tx, text, [user_id.into()]).await?;
    Ok(row.map(|row| row.email))
}
