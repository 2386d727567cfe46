//! One migration at a time on PostgreSQL and SQLite: all steps run in one transaction, which is
//! the lock as well. It ends with the connection, so that nobody waits for an instance that died.

use std::time::{Duration, Instant};

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::sqlx::error::DatabaseError;
use sea_orm_migration::sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbBackend, IsolationLevel, RuntimeErr,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};

use crate::MigrationError;

/// Any number that no other software is likely to lock: "restauth" in ASCII.
const POSTGRES_KEY: i64 = 0x7265_7374_6175_7468;

/// How long an instance waits for others.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// How often an instance that waits tries again.
pub(crate) const RETRY_EVERY: Duration = Duration::from_millis(250);

/// Begins the transaction of a migration once no other instance is in one. Waits for a minute, on
/// PostgreSQL as long as `lock_timeout` allows.
///
/// # Errors
/// If the time is over, and errors of the database.
pub(crate) async fn begin(db: &DatabaseConnection) -> Result<DatabaseTransaction, MigrationError> {
    let begun = Instant::now();
    let is_postgres = db.get_database_backend() == DbBackend::Postgres;
    let transaction = loop {
        let options = TransactionOptions {
            // Where SERIALIZABLE is the default, the transaction would see the tables as they were
            // when it began to wait for the lock.
            isolation_level: is_postgres.then_some(IsolationLevel::ReadCommitted),
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        match db.begin_with_options(options).await {
            Err(error) if is_busy(&error) => {}
            outcome => break outcome?,
        }
        if begun.elapsed() >= PATIENCE {
            return Err(MigrationError::Locked);
        }
        tokio::time::sleep(RETRY_EVERY).await;
    };
    if is_postgres {
        let lock = format!("SELECT pg_advisory_xact_lock({POSTGRES_KEY})");
        transaction.execute_unprepared(&lock).await?;
    }
    Ok(transaction)
}

/// SQLite: somebody has been writing for longer than the busy timeout (`SQLITE_BUSY` and its
/// extensions `_RECOVERY` and `_SNAPSHOT`).
fn is_busy(error: &DbErr) -> bool {
    let (DbErr::Conn(RuntimeErr::SqlxError(cause))
    | DbErr::Exec(RuntimeErr::SqlxError(cause))
    | DbErr::Query(RuntimeErr::SqlxError(cause))) = error
    else {
        return false;
    };
    let code = cause.as_database_error().and_then(DatabaseError::code);
    matches!(code.as_deref(), Some("5" | "261" | "517"))
}
