//! One migration at a time on MySQL and MariaDB: a row that the working instance leases.
//!
//! `GET_LOCK` holds for one node of a Galera cluster only, and every DDL statement ends the
//! transaction that it stands in and with it the locks on rows. So the instance writes into a row
//! until when it works, and renews that while it does. An instance that dies is succeeded once its
//! lease has run out. All times are the database's own.

use std::time::{Duration, Instant};

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::sqlx::mysql::{MySqlDatabaseError, MySqlPoolOptions};
use sea_orm_migration::sea_orm::{DatabaseConnection, DbBackend, RuntimeErr, Statement};

use crate::MigrationError;
use crate::lock::{PATIENCE, RETRY_EVERY};

/// How long a lease holds. Longer than the clocks of a cluster's nodes may differ.
const LEASE: Duration = Duration::from_secs(10);

/// How often it is renewed: an attempt may fail twice.
const RENEW_EVERY: Duration = Duration::from_secs(3);

const CREATE: &str = "CREATE TABLE IF NOT EXISTS rest_auth_migration_lock (\
    id bigint NOT NULL PRIMARY KEY, \
    owner varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, \
    held_until datetime(6) NOT NULL) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4";

const FILL: &str = "INSERT IGNORE INTO rest_auth_migration_lock (id, owner, held_until) \
    VALUES (1, '', '1970-01-02 00:00:00')";

const TAKE: &str = "UPDATE rest_auth_migration_lock \
    SET owner = ?, held_until = UTC_TIMESTAMP(6) + INTERVAL ? SECOND \
    WHERE id = 1 AND held_until < UTC_TIMESTAMP(6)";

const RENEW: &str = "UPDATE rest_auth_migration_lock \
    SET held_until = UTC_TIMESTAMP(6) + INTERVAL ? SECOND WHERE id = 1 AND owner = ?";

const RELEASE: &str = "UPDATE rest_auth_migration_lock \
    SET held_until = '1970-01-02 00:00:00' WHERE id = 1 AND owner = ?";

/// The right to migrate, until it runs out.
pub(crate) struct Lease {
    /// A connection of its own: a step may be using the only one of the pool for long.
    db: DatabaseConnection,
    /// A name that no other instance has.
    owner: String,
}

impl Lease {
    /// Waits until no other instance holds the lease, for a minute, and takes it.
    ///
    /// # Errors
    /// If the minute is over, and errors of the database.
    pub(crate) async fn take(db: &DatabaseConnection) -> Result<Self, MigrationError> {
        let db = second_connection(db);
        db.execute_unprepared(CREATE).await?;
        insert_row(&db).await?;
        let lease = Self { owner: new_owner(&db).await?, db };
        let begun = Instant::now();
        while !lease.try_take().await? {
            if begun.elapsed() >= PATIENCE {
                return Err(MigrationError::Locked);
            }
            tokio::time::sleep(RETRY_EVERY).await;
        }
        Ok(lease)
    }

    /// Runs the work and renews the lease meanwhile. The work is cancelled if the lease is lost.
    ///
    /// # Errors
    /// Those of the work, and [`MigrationError::LeaseLost`].
    pub(crate) async fn renewed_during<T>(
        &self,
        work: impl Future<Output = Result<T, MigrationError>>,
    ) -> Result<T, MigrationError> {
        tokio::select! {
            outcome = work => outcome,
            () = self.renew_until_lost() => Err(MigrationError::LeaseLost),
        }
    }

    /// Releases the lease. If that fails, the next instance waits until the lease runs out.
    pub(crate) async fn release(self) {
        let values = [self.owner.into()];
        let outcome = self.db.execute_raw(statement(RELEASE, values)).await;
        if let Err(error) = outcome.and(self.db.close().await) {
            tracing::warn!(%error, "the migration lock could not be released");
        }
    }

    async fn try_take(&self) -> Result<bool, DbErr> {
        let values = [self.owner.as_str().into(), LEASE.as_secs().into()];
        match self.db.execute_raw(statement(TAKE, values)).await {
            Err(error) if is_conflict(&error) => Ok(false),
            outcome => Ok(outcome?.rows_affected() == 1),
        }
    }

    /// Ends when the lease has run out or another instance has it.
    async fn renew_until_lost(&self) {
        let mut renewed = Instant::now();
        loop {
            let left = LEASE.saturating_sub(renewed.elapsed());
            tokio::time::sleep(RENEW_EVERY.min(left)).await;
            let asked = Instant::now();
            let left = LEASE.saturating_sub(renewed.elapsed());
            let values = [LEASE.as_secs().into(), self.owner.as_str().into()];
            let renewal = self.db.execute_raw(statement(RENEW, values));
            match tokio::time::timeout(left, renewal).await {
                Ok(Ok(outcome)) if outcome.rows_affected() == 1 => renewed = asked,
                Ok(Err(error)) => {
                    tracing::warn!(%error, "the migration lock could not be renewed");
                }
                Ok(Ok(_)) | Err(_) => return,
            }
        }
    }
}

fn second_connection(db: &DatabaseConnection) -> DatabaseConnection {
    let options = db.get_mysql_connection_pool().connect_options();
    let pool = MySqlPoolOptions::new().max_connections(1);
    pool.connect_lazy_with((*options).clone()).into()
}

/// Makes the row if it does not exist.
async fn insert_row(db: &DatabaseConnection) -> Result<(), DbErr> {
    match db.execute_unprepared(FILL).await {
        // Another node has just inserted it.
        Err(error) if is_conflict(&error) => Ok(()),
        outcome => outcome.map(drop),
    }
}

async fn new_owner(db: &DatabaseConnection) -> Result<String, DbErr> {
    let uuid = statement("SELECT CONVERT(UUID() USING utf8mb4) AS owner", []);
    let row = db.query_one_raw(uuid).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound("UUID()".to_owned()))?;
    row.try_get("", "owner")
}

fn statement<const N: usize>(sql: &str, values: [Value; N]) -> Statement {
    Statement::from_sql_and_values(DbBackend::MySql, sql, values)
}

/// Another transaction was first: a deadlock (1213), which a Galera cluster also reports for a row
/// that another node has just written, a lock timeout (1205), or a row that changed since it was
/// read (1020).
fn is_conflict(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause))) =
        error
    else {
        return false;
    };
    let error = cause.as_database_error().and_then(|e| e.try_downcast_ref::<MySqlDatabaseError>());
    error.is_some_and(|error| matches!(error.number(), 1213 | 1205 | 1020))
}
