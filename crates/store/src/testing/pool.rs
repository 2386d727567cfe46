//! Databases that tests use one after another.

use std::sync::{Arc, Mutex, PoisonError};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, Statement};

use super::{Database, TestDatabase};
use crate::Backend;

/// Hands out databases with the schema up to date and nothing in them. Those on a server are
/// emptied and used again: to make and remove one takes a server longer than most tests. They are
/// removed together with the pool.
#[derive(Clone, Debug)]
pub struct DatabasePool {
    backend: Backend,
    idle: Arc<Mutex<Vec<Used>>>,
}

/// A database of a pool.
#[derive(Clone, Debug)]
pub(super) struct Used {
    pub(super) database: Arc<Database>,
    /// The tables that a migration leaves empty; the others are never written to again.
    pub(super) tables: Arc<[String]>,
}

/// The way back into the pool.
#[derive(Debug)]
pub(super) struct PoolLease {
    used: Option<Used>,
    idle: Arc<Mutex<Vec<Used>>>,
}

impl DatabasePool {
    /// A pool without databases yet.
    #[must_use]
    pub fn new(backend: Backend) -> Self {
        Self { backend, idle: Arc::default() }
    }

    /// A database that goes back into the pool when dropped. `None` as for [`TestDatabase::fresh`].
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn take(&self) -> Option<TestDatabase> {
        if self.backend == Backend::Sqlite {
            return TestDatabase::fresh(self.backend).await;
        }
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let taken = match idle {
            Some(used) => used.emptied().await,
            None => Used::migrated(TestDatabase::fresh(self.backend).await?.database).await,
        };
        let used = taken.unwrap_or_else(|e| panic!("no test database on {:?}: {e}", self.backend));
        let database = Arc::clone(&used.database);
        let lease = PoolLease { used: Some(used), idle: Arc::clone(&self.idle) };
        Some(TestDatabase { database, _lease: Some(lease) })
    }
}

impl Drop for PoolLease {
    fn drop(&mut self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).extend(self.used.take());
    }
}

impl Used {
    /// Brings the schema of an empty database up to date.
    pub(super) async fn migrated(database: Arc<Database>) -> Result<Self, DbErr> {
        let fresh = TestDatabase { database: Arc::clone(&database), _lease: None };
        let store = fresh.store().await.map_err(|error| DbErr::Custom(error.to_string()))?;
        store.close().await;
        let db = database.raw().await?;
        let tables = empty_tables(&db).await?.into();
        db.close().await?;
        Ok(Self { database, tables })
    }

    pub(super) async fn emptied(self) -> Result<Self, DbErr> {
        let db = self.database.raw().await?;
        match db.get_database_backend() {
            sea_orm::DbBackend::Postgres => self.empty_postgres(&db).await?,
            _ => self.empty_mysql(&db).await?,
        }
        db.close().await?;
        Ok(self)
    }

    /// All in one transaction, in which Django's foreign keys wait for the end; numbering starts
    /// anew.
    async fn empty_postgres(&self, db: &DatabaseConnection) -> Result<(), DbErr> {
        let deletions = self.tables.iter().map(|table| format!(r#"DELETE FROM "{table}"; "#));
        let sequences = self.tables.iter().map(|table| format!("'{table}_id_seq'"));
        let sql = format!(
            "{} SELECT setval(format('%I', sequencename)::regclass, 1, false) FROM pg_sequences \
             WHERE schemaname = current_schema() AND sequencename IN ({})",
            deletions.collect::<String>(),
            sequences.collect::<Vec<_>>().join(", ")
        );
        db.execute_unprepared(&sql).await.map(drop)
    }

    /// Numbering starts anew where it had begun.
    async fn empty_mysql(&self, db: &DatabaseConnection) -> Result<(), DbErr> {
        let deletions = self.tables.iter().map(|table| format!("DELETE FROM `{table}`;"));
        let deletions: Vec<_> = deletions.collect();
        // MySQL would answer the question below from memory; MariaDB skips the comment.
        let begin = "SET FOREIGN_KEY_CHECKS = 0 \
                     /*!80000 , SESSION information_schema_stats_expiry = 0 */; \
                     START TRANSACTION;";
        db.execute_unprepared(&format!("{begin} {} COMMIT", deletions.join(" "))).await?;
        let numbered = "SELECT table_name AS name FROM information_schema.tables \
                        WHERE table_schema = DATABASE() AND auto_increment > 1";
        for table in names(db, numbered).await? {
            if self.tables.contains(&table) {
                let sql = format!("ALTER TABLE `{table}` AUTO_INCREMENT = 1");
                db.execute_unprepared(&sql).await?;
            }
        }
        Ok(())
    }
}

async fn empty_tables(db: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let all = match db.get_database_backend() {
        sea_orm::DbBackend::Postgres => {
            "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = current_schema()"
        }
        _ => {
            "SELECT table_name AS name FROM information_schema.tables \
             WHERE table_schema = DATABASE()"
        }
    };
    let mut empty = Vec::new();
    for table in names(db, all).await? {
        let row = format!("SELECT 1 AS one FROM {table} LIMIT 1");
        let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), row)).await?;
        if row.is_none() {
            empty.push(table);
        }
    }
    Ok(empty)
}

async fn names(db: &DatabaseConnection, sql: &str) -> Result<Vec<String>, DbErr> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(statement).await?;
    rows.iter().map(|row| row.try_get("", "name")).collect()
}
