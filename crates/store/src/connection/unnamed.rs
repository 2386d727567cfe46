//! Statements without names, each inside a transaction.
//!
//! A pooler that gives a connection of the database for one transaction at a time, as PgBouncer
//! does, may run the next one on another connection, which does not know what was prepared before,
//! or knows something else by the same name. The driver's unnamed statements overwrite one another;
//! it prepares them and runs them in two messages, between which only a transaction keeps the
//! connection.

use std::sync::Arc;

use sea_orm::{DbErr, ExecResult, QueryResult, Statement};
use sea_query_sqlx::SqlxValues;
use sqlx::database::HasStatementCache;
use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Database, Executor, IntoArguments, Pool};
use sqlx_core::transaction::TransactionManager as _;
use tokio::runtime::Handle;
use tokio::sync::Mutex;

use super::warm::{exec_failed, not_acquired, query, query_failed};

/// A connection with an open transaction. It is closed when it is dropped before that has ended:
/// the request of a statement may be given up while BEGIN is under way, which the driver forgets.
#[derive(Debug)]
pub(super) struct InTransaction<DB: Database>(Option<PoolConnection<DB>>);

impl<DB: Database> Drop for InTransaction<DB> {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take() {
            drop(match Handle::try_current() {
                // Its place in the pool is free for another one.
                Ok(_) => connection.detach(),
                // Where no runtime is left, the pool could not even note that.
                Err(_) => connection.leak(),
            });
        }
    }
}

impl<DB: Database> InTransaction<DB> {
    pub(super) async fn begin(connection: PoolConnection<DB>) -> Result<Self, sqlx::Error> {
        let mut open = Self(Some(connection));
        DB::TransactionManager::begin(open.connection()?, None).await?;
        Ok(open)
    }

    pub(super) fn connection(&mut self) -> Result<&mut DB::Connection, sqlx::Error> {
        // It is there until the transaction ends, which consumes this.
        self.0.as_deref_mut().ok_or(sqlx::Error::PoolClosed)
    }

    /// The connection, for a transaction that somebody else ends.
    fn kept(mut self) -> Result<PoolConnection<DB>, sqlx::Error> {
        self.0.take().ok_or(sqlx::Error::PoolClosed)
    }

    /// Ends the transaction of the one statement that had this result, and returns the connection.
    pub(super) async fn end<T>(
        mut self,
        done: Result<T, sqlx::Error>,
    ) -> Result<(T, PoolConnection<DB>), sqlx::Error> {
        let connection = self.connection()?;
        match done {
            Ok(answer) => {
                DB::TransactionManager::commit(connection).await?;
                Ok((answer, self.kept()?))
            }
            Err(error) => {
                if DB::TransactionManager::rollback(connection).await.is_ok() {
                    drop(self.0.take());
                }
                Err(error)
            }
        }
    }
}

/// A transaction of several statements, or a savepoint in it.
#[derive(Debug)]
pub(super) struct Unnamed<DB: Database> {
    shared: Arc<Mutex<PoolConnection<DB>>>,
    has_ended: bool,
}

impl<DB: Database> Drop for Unnamed<DB> {
    /// Takes back what was done. Nobody else uses the connection: transactions are not shared when
    /// they end, and an inner one ends before that around it.
    fn drop(&mut self) {
        if !self.has_ended
            && let Ok(mut connection) = self.shared.try_lock()
        {
            DB::TransactionManager::start_rollback(&mut connection);
        }
    }
}

impl<DB: Database> Unnamed<DB> {
    pub(super) async fn begin(pool: &Pool<DB>) -> Result<Self, DbErr> {
        let connection = pool.acquire().await.map_err(not_acquired)?;
        let open = InTransaction::begin(connection).await.map_err(exec_failed)?;
        let connection = open.kept().map_err(exec_failed)?;
        Ok(Self { shared: Arc::new(Mutex::new(connection)), has_ended: false })
    }

    pub(super) async fn savepoint(&self) -> Result<Self, DbErr> {
        let mut connection = self.shared.lock().await;
        DB::TransactionManager::begin(&mut connection, None).await.map_err(exec_failed)?;
        Ok(Self { shared: Arc::clone(&self.shared), has_ended: false })
    }

    pub(super) async fn commit(mut self) -> Result<(), DbErr> {
        let mut connection = self.shared.lock().await;
        DB::TransactionManager::commit(&mut connection).await.map_err(exec_failed)?;
        drop(connection);
        self.has_ended = true;
        Ok(())
    }

    pub(super) async fn roll_back(mut self) -> Result<(), DbErr> {
        let mut connection = self.shared.lock().await;
        DB::TransactionManager::rollback(&mut connection).await.map_err(exec_failed)?;
        drop(connection);
        self.has_ended = true;
        Ok(())
    }
}

impl<DB> Unnamed<DB>
where
    DB: Database + HasStatementCache,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    SqlxValues: IntoArguments<DB>,
{
    pub(super) async fn query_one(&self, sent: &Statement) -> Result<Option<QueryResult>, DbErr>
    where
        QueryResult: From<DB::Row>,
    {
        let mut connection = self.shared.lock().await;
        let row = query::<DB>(sent).persistent(false).fetch_optional(&mut **connection).await;
        Ok(row.map_err(query_failed)?.map(QueryResult::from))
    }

    pub(super) async fn query_all(&self, sent: &Statement) -> Result<Vec<QueryResult>, DbErr>
    where
        QueryResult: From<DB::Row>,
    {
        let mut connection = self.shared.lock().await;
        let rows = query::<DB>(sent).persistent(false).fetch_all(&mut **connection).await;
        Ok(rows.map_err(query_failed)?.into_iter().map(QueryResult::from).collect())
    }

    pub(super) async fn execute(&self, sent: &Statement) -> Result<ExecResult, DbErr>
    where
        ExecResult: From<DB::QueryResult>,
    {
        let mut connection = self.shared.lock().await;
        let done = query::<DB>(sent).persistent(false).execute(&mut **connection).await;
        Ok(done.map_err(exec_failed)?.into())
    }

    pub(super) async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr>
    where
        ExecResult: From<DB::QueryResult>,
    {
        let mut connection = self.shared.lock().await;
        let done = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut **connection).await;
        Ok(done.map_err(exec_failed)?.into())
    }
}
