//! Statements without names, each inside a transaction.
//!
//! A pooler that gives a connection of the database for one transaction at a time, as PgBouncer
//! does, may run the next one on another connection, which does not know what was prepared before,
//! or knows something else by the same name. The driver's unnamed statements overwrite one another;
//! it prepares them and runs them in two messages, between which only a transaction keeps the
//! connection.

use sqlx::Database;
use sqlx_core::transaction::TransactionManager as _;

/// Begins the transaction of one statement.
pub(super) async fn begin<DB: Database>(
    connection: &mut DB::Connection,
) -> Result<(), sqlx::Error> {
    DB::TransactionManager::begin(connection, None).await
}

/// Ends the transaction of the one statement that had this result. A connection that could not
/// leave it is closed by its pool.
pub(super) async fn end<DB: Database, T>(
    connection: &mut DB::Connection,
    done: Result<T, sqlx::Error>,
) -> Result<T, sqlx::Error> {
    match done {
        Ok(_) => DB::TransactionManager::commit(connection).await?,
        Err(_) => DB::TransactionManager::start_rollback(connection),
    }
    done
}
