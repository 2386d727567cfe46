//! The size of a file of SQLite.

use sea_orm::{ConnectionTrait as _, DbErr, Statement};

use crate::Store;

/// How far a file may grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Growth {
    /// As far as SQLite lets it.
    Free,
    /// No further. What needs more fails with `SQLITE_FULL`, as on a full disk.
    Forbidden,
}

/// Limits the growth of a store on SQLite, until its connection that writes is closed.
///
/// # Errors
/// When the database cannot be asked.
pub async fn limit_growth(store: &Store, growth: Growth) -> Result<(), DbErr> {
    let pages = match growth {
        Growth::Free => u32::MAX - 1,
        // It becomes as many as there are.
        Growth::Forbidden => 1,
    };
    let writer = store.writer();
    let limit = format!("PRAGMA max_page_count = {pages}");
    writer.query_one_raw(Statement::from_string(writer.get_database_backend(), limit)).await?;
    Ok(())
}
