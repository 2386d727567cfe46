//! Transactions of several statements, and savepoints in them.

use std::sync::Arc;

use sea_orm::{DbErr, ExecResult, QueryResult, Statement};
use sea_query_sqlx::SqlxValues;
use sqlx::database::HasStatementCache;
use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Database, Executor, IntoArguments, SqlSafeStr};
use sqlx_core::transaction::TransactionManager as _;
use tokio::sync::Mutex;

use super::Names;
use super::to_its_end::to_its_end;
use super::warm::{exec_failed, query, query_failed};

/// A transaction, or a savepoint in one. What was done in it is taken back when it is dropped
/// before it has ended.
#[derive(Debug)]
pub(super) struct OpenTransaction<DB: Database> {
    shared: Arc<Mutex<OpenConnection<DB>>>,
    /// How many there are with this one, each inside the one before.
    depth: u32,
    names: Names,
}

/// A connection on which so many transactions are open, each inside the one before.
#[derive(Debug)]
struct OpenConnection<DB: Database> {
    connection: PoolConnection<DB>,
    depth: u32,
}

impl<DB: Database> OpenConnection<DB> {
    /// Takes back what was done in the inner ones, before the connection does anything else.
    fn take_back_to(&mut self, depth: u32) {
        while self.depth > depth {
            DB::TransactionManager::start_rollback(&mut self.connection);
            self.depth -= 1;
        }
    }
}

impl<DB: Database> Drop for OpenConnection<DB> {
    fn drop(&mut self) {
        self.take_back_to(0);
    }
}

impl<DB: Database> Drop for OpenTransaction<DB> {
    /// Whoever has the connection, for a statement that was given up, is the last who drops it.
    fn drop(&mut self) {
        if let Ok(mut begun) = self.shared.try_lock() {
            begun.take_back_to(self.depth - 1);
        }
    }
}

impl<DB: Database> OpenTransaction<DB> {
    /// Begins a transaction, by this statement where it is not BEGIN.
    pub(super) async fn begin(
        connection: PoolConnection<DB>,
        names: Names,
        statement: Option<&'static str>,
    ) -> Result<Self, DbErr> {
        to_its_end(async move {
            let mut begun = OpenConnection { connection, depth: 0 };
            let statement = statement.map(SqlSafeStr::into_sql_str);
            let done = DB::TransactionManager::begin(&mut begun.connection, statement).await;
            done.map_err(exec_failed)?;
            begun.depth = 1;
            Ok(Self { shared: Arc::new(Mutex::new(begun)), depth: 1, names })
        })
        .await
    }

    pub(super) async fn savepoint(&self) -> Result<Self, DbErr> {
        let (shared, names) = (Arc::clone(&self.shared), self.names);
        to_its_end(async move {
            let mut begun = Arc::clone(&shared).lock_owned().await;
            let done = DB::TransactionManager::begin(&mut begun.connection, None).await;
            done.map_err(exec_failed)?;
            begun.depth += 1;
            Ok(Self { shared, depth: begun.depth, names })
        })
        .await
    }

    pub(super) async fn commit(self) -> Result<(), DbErr> {
        let shared = Arc::clone(&self.shared);
        to_its_end(async move {
            let mut begun = shared.lock_owned().await;
            let done = DB::TransactionManager::commit(&mut begun.connection).await;
            done.map_err(exec_failed)?;
            begun.depth -= 1;
            Ok(())
        })
        .await
    }

    pub(super) async fn roll_back(self) -> Result<(), DbErr> {
        let shared = Arc::clone(&self.shared);
        to_its_end(async move {
            let mut begun = shared.lock_owned().await;
            let done = DB::TransactionManager::rollback(&mut begun.connection).await;
            done.map_err(exec_failed)?;
            begun.depth -= 1;
            Ok(())
        })
        .await
    }
}

/// Sends a statement by one of the driver's methods.
macro_rules! send {
    ($open:expr, $query:expr, $method:ident, $failed:path) => {{
        let (shared, query) = (Arc::clone(&$open.shared), $query);
        let done = to_its_end(async move {
            let mut begun = shared.lock_owned().await;
            query.$method(&mut *begun.connection).await
        });
        done.await.map_err($failed)?
    }};
}

impl<DB> OpenTransaction<DB>
where
    DB: Database + HasStatementCache,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    SqlxValues: IntoArguments<DB>,
{
    pub(super) async fn query_one(&self, sent: &Statement) -> Result<Option<QueryResult>, DbErr>
    where
        QueryResult: From<DB::Row>,
    {
        let row = send!(self, self.query(sent), fetch_optional, query_failed);
        Ok(row.map(QueryResult::from))
    }

    pub(super) async fn query_all(&self, sent: &Statement) -> Result<Vec<QueryResult>, DbErr>
    where
        QueryResult: From<DB::Row>,
    {
        let rows = send!(self, self.query(sent), fetch_all, query_failed);
        Ok(rows.into_iter().map(QueryResult::from).collect())
    }

    pub(super) async fn execute(&self, sent: &Statement) -> Result<ExecResult, DbErr>
    where
        ExecResult: From<DB::QueryResult>,
    {
        Ok(send!(self, self.query(sent), execute, exec_failed).into())
    }

    pub(super) async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr>
    where
        ExecResult: From<DB::QueryResult>,
    {
        Ok(send!(self, sqlx::raw_sql(AssertSqlSafe(sql)), execute, exec_failed).into())
    }

    fn query(&self, sent: &Statement) -> sqlx::query::Query<'static, DB, SqlxValues> {
        query(sent).persistent(self.names == Names::Kept)
    }
}
