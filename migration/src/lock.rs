//! One migration at a time, however many instances start at once.

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};

use crate::MigrationError;

/// Any number that no other software is likely to lock: "restauth" in ASCII.
const POSTGRES_KEY: i64 = 0x7265_7374_6175_7468;

/// A transaction that nobody else can hold at the same time. Dropping it rolls back; on MySQL the
/// lock then ends with the connection.
pub(crate) struct Locked {
    transaction: DatabaseTransaction,
}

impl Locked {
    /// Waits for the lock, at most a minute (on PostgreSQL as long as `lock_timeout` allows).
    pub(crate) async fn acquire(db: &DatabaseConnection) -> Result<Self, MigrationError> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        let transaction = db.begin_with_options(options).await?;
        match db.get_database_backend() {
            DbBackend::Postgres => {
                let sql = format!("SELECT pg_advisory_xact_lock({POSTGRES_KEY})");
                transaction.execute_unprepared(&sql).await?;
            }
            DbBackend::MySql => lock_mysql(&transaction).await?,
            // BEGIN IMMEDIATE is the lock.
            _ => {}
        }
        Ok(Self { transaction })
    }

    /// The connection that holds the lock.
    pub(crate) fn connection(&self) -> &DatabaseTransaction {
        &self.transaction
    }

    /// Keeps what was done and lets the next one in.
    pub(crate) async fn commit(self) -> Result<(), DbErr> {
        self.unlock().await?;
        self.transaction.commit().await
    }

    /// Takes back what was done, as far as the database can, and lets the next one in.
    pub(crate) async fn roll_back(self) -> Result<(), DbErr> {
        self.unlock().await?;
        self.transaction.rollback().await
    }

    async fn unlock(&self) -> Result<(), DbErr> {
        if self.transaction.get_database_backend() == DbBackend::MySql {
            let sql = format!("DO RELEASE_LOCK({MYSQL_NAME})");
            self.transaction.execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}

/// Locks are shared by a whole MySQL server and their names are short: one name per database.
const MYSQL_NAME: &str = "CONCAT('rest_auth:', MD5(DATABASE()))";

async fn lock_mysql(transaction: &DatabaseTransaction) -> Result<(), MigrationError> {
    let sql = format!("SELECT CAST(GET_LOCK({MYSQL_NAME}, 60) AS SIGNED) AS got");
    let row = transaction.query_one_raw(Statement::from_string(DbBackend::MySql, sql)).await?;
    let got = row.and_then(|row| row.try_get::<Option<i64>>("", "got").ok().flatten());
    if got == Some(1) { Ok(()) } else { Err(MigrationError::Locked) }
}
