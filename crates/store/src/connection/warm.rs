//! Connections that stay checked out of their pool between statements.
//!
//! sqlx pings each connection that goes back to its pool, which costs a short query a second round
//! trip. A connection on which a statement has just ended without an error needs none, so that it
//! waits here for the next one. After an error, and after a statement whose request was given up,
//! it goes back to the pool and is tested there.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::sea_query::Values;
use sea_orm::{ConnAcquireErr, DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use sea_query_sqlx::SqlxValues;
use sqlx::database::HasStatementCache;
use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Database, Executor, IntoArguments, Pool};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::to_its_end::to_its_end;
use super::transaction::OpenTransaction;
use super::{Names, unnamed};

/// How long a connection stays. Then it goes back to the pool, which pings it and closes those that
/// are too old.
const STAYS: Duration = Duration::from_secs(30);

/// The connections of a pool that wait for a statement. Clones share them.
#[derive(Debug)]
pub(crate) struct Warm<DB: Database> {
    pool: Pool<DB>,
    shared: Arc<Shared<DB>>,
    /// Whether statements have names, under which the driver keeps what the database made of them.
    names: Names,
}

/// What clones share. Connections are dropped, which gives them to the pool, outside the lock.
#[derive(Debug)]
struct Shared<DB: Database>(Mutex<State<DB>>);

#[derive(Debug)]
struct State<DB: Database> {
    /// How many wait for a connection of the pool itself, for a transaction. None is kept then, or
    /// they would wait for connections that wait here.
    waiting: usize,
    /// Those that were used last are at the back.
    idle: VecDeque<CheckedOut<DB>>,
    /// Statements that wait for a connection, here or from the pool. Some may have got one.
    statements: VecDeque<oneshot::Sender<CheckedOut<DB>>>,
    /// Connections that a task is about to take from the pool, or opens.
    opening: u32,
}

#[derive(Debug)]
struct CheckedOut<DB: Database> {
    connection: PoolConnection<DB>,
    since: Instant,
}

/// As long as it lives, connections go back to the pool after each statement.
#[derive(Debug)]
pub(crate) struct Reservation<DB: Database>(Arc<Shared<DB>>);

impl<DB: Database> Clone for Warm<DB> {
    fn clone(&self) -> Self {
        Self { pool: self.pool.clone(), shared: Arc::clone(&self.shared), names: self.names }
    }
}

/// A connection goes back to its pool by a task of the runtime. Where none runs any more it is
/// closed: a program may keep the store for longer than the runtime.
impl<DB: Database> Drop for State<DB> {
    fn drop(&mut self) {
        if Handle::try_current().is_err() {
            for CheckedOut { connection, .. } in self.idle.drain(..) {
                drop(connection.leak());
            }
        }
    }
}

impl<DB: Database> Drop for Reservation<DB> {
    fn drop(&mut self) {
        self.0.state().waiting -= 1;
    }
}

impl<DB: Database> Shared<DB> {
    fn state(&self) -> MutexGuard<'_, State<DB>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands a connection to a statement that waits, or keeps it for the next one.
    fn keep(&self, used: CheckedOut<DB>) {
        let mut state = self.state();
        if state.waiting > 0 || used.since.elapsed() >= STAYS {
            drop(state);
            return;
        }
        let mut used = used;
        while let Some(statement) = state.statements.pop_front() {
            match statement.send(used) {
                Ok(()) => return,
                // It has got one from the pool, or was given up.
                Err(refused) => used = refused,
            }
        }
        state.idle.push_back(used);
        let is_over = |oldest: &mut CheckedOut<DB>| oldest.since.elapsed() >= STAYS;
        let oldest = state.idle.pop_front_if(is_over);
        drop(state);
        drop(oldest);
    }
}

impl<DB: Database> Warm<DB> {
    /// None yet, of a pool.
    pub(crate) fn new(pool: Pool<DB>, names: Names) -> Self {
        let state =
            State { waiting: 0, idle: VecDeque::new(), statements: VecDeque::new(), opening: 0 };
        Self { pool, shared: Arc::new(Shared(Mutex::new(state))), names }
    }

    /// Gives a connection back, for somebody who takes one from the pool, and keeps none until the
    /// answer is dropped.
    pub(crate) fn reserve(&self) -> Reservation<DB> {
        let mut state = self.shared.state();
        state.waiting += 1;
        let oldest = state.idle.pop_front();
        drop(state);
        drop(oldest);
        Reservation(Arc::clone(&self.shared))
    }

    /// Gives all connections back, for good.
    pub(crate) fn close(&self) {
        let mut state = self.shared.state();
        state.waiting += 1;
        let idle = std::mem::take(&mut state.idle);
        drop(state);
        drop(idle);
    }

    /// Begins a transaction on a connection of the pool, by this statement where it is not BEGIN.
    pub(super) async fn begin(
        &self,
        statement: Option<&'static str>,
    ) -> Result<OpenTransaction<DB>, DbErr> {
        let reservation = self.reserve();
        let connection = self.pool.acquire().await.map_err(not_acquired)?;
        drop(reservation);
        OpenTransaction::begin(connection, self.names, statement).await
    }

    /// A connection that waits here, or one of the pool, whichever comes first.
    async fn take(&self) -> Result<CheckedOut<DB>, DbErr> {
        let mut handed = {
            let mut state = self.shared.state();
            if let Some(warm) = state.idle.pop_back() {
                return Ok(warm);
            }
            let (sender, handed) = oneshot::channel();
            state.statements.push_back(sender);
            handed
        };
        tokio::select! {
            biased;
            Ok(warm) = &mut handed => Ok(warm),
            // Boxed, because most statements find one that waits and need not carry this.
            another = Box::pin(self.another()) => another,
        }
    }

    /// Another connection of the pool. A task opens it to the end, because whoever waits for it has
    /// often got one that was just used before this one is open: it stays for the next then. Opened
    /// anew each time and given up, no connection would ever be there when many come at once.
    async fn another(&self) -> Result<CheckedOut<DB>, DbErr> {
        if !self.begin_opening() {
            return checked_out(self.pool.acquire().await);
        }
        let (pool, shared) = (self.pool.clone(), Arc::clone(&self.shared));
        let (sender, opened) = oneshot::channel();
        tokio::spawn(async move {
            let acquired = checked_out(pool.acquire().await);
            shared.state().opening -= 1;
            if let Err(Ok(unwanted)) = sender.send(acquired) {
                shared.keep(unwanted);
            }
        });
        let closed = || DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed);
        opened.await.unwrap_or_else(|_| Err(closed()))
    }

    /// Whether the pool has room for a connection more, which is counted then.
    fn begin_opening(&self) -> bool {
        let mut state = self.shared.state();
        let most = self.pool.options().get_max_connections();
        let has_room = self.pool.size().saturating_add(state.opening) < most;
        state.opening += u32::from(has_room);
        has_room
    }
}

/// Sends a statement by one of the driver's methods and keeps the connection.
macro_rules! send {
    ($warm:expr, $sent:expr, $method:ident, $failed:path) => {{
        let CheckedOut { mut connection, since } = $warm.take().await?;
        let (query, names) = (query::<DB>($sent), $warm.names);
        let done = to_its_end(async move {
            let done = match names {
                Names::Kept => query.$method(&mut *connection).await?,
                Names::Unused => {
                    unnamed::begin::<DB>(&mut connection).await?;
                    let done = query.persistent(false).$method(&mut *connection).await;
                    unnamed::end::<DB, _>(&mut connection, done).await?
                }
            };
            Ok((done, connection))
        });
        let (done, connection) = done.await.map_err($failed)?;
        $warm.shared.keep(CheckedOut { connection, since });
        done
    }};
}

impl<DB> Warm<DB>
where
    DB: Database + HasStatementCache,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    SqlxValues: IntoArguments<DB>,
{
    pub(crate) async fn query_one(&self, sent: &Statement) -> Result<Option<QueryResult>, DbErr>
    where
        QueryResult: From<DB::Row>,
    {
        Ok(send!(self, sent, fetch_optional, query_failed).map(QueryResult::from))
    }

    pub(crate) async fn query_all(&self, sent: &Statement) -> Result<Vec<QueryResult>, DbErr>
    where
        QueryResult: From<DB::Row>,
    {
        Ok(send!(self, sent, fetch_all, query_failed).into_iter().map(QueryResult::from).collect())
    }

    pub(crate) async fn execute(&self, sent: &Statement) -> Result<ExecResult, DbErr>
    where
        ExecResult: From<DB::QueryResult>,
    {
        Ok(send!(self, sent, execute, exec_failed).into())
    }

    /// Sends text that may have several statements.
    pub(crate) async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr>
    where
        ExecResult: From<DB::QueryResult>,
    {
        let CheckedOut { mut connection, since } = self.take().await?;
        let text = sqlx::raw_sql(AssertSqlSafe(sql));
        let done = to_its_end(async move {
            let done = text.execute(&mut *connection).await?;
            Ok((done, connection))
        });
        let (done, connection) = done.await.map_err(exec_failed)?;
        self.shared.keep(CheckedOut { connection, since });
        Ok(done.into())
    }
}

pub(super) fn query<DB>(sent: &Statement) -> sqlx::query::Query<'static, DB, SqlxValues>
where
    DB: Database,
    SqlxValues: IntoArguments<DB>,
{
    let values = sent.values.clone().unwrap_or_else(|| Values(Vec::new()));
    sqlx::query_with(AssertSqlSafe(sent.sql.as_str()), SqlxValues(values))
}

fn failed(error: sqlx::Error) -> RuntimeErr {
    RuntimeErr::SqlxError(Arc::new(error))
}

pub(super) fn query_failed(error: sqlx::Error) -> DbErr {
    DbErr::Query(failed(error))
}

pub(super) fn exec_failed(error: sqlx::Error) -> DbErr {
    DbErr::Exec(failed(error))
}

/// A connection that was taken from the pool just now.
fn checked_out<DB: Database>(
    acquired: Result<PoolConnection<DB>, sqlx::Error>,
) -> Result<CheckedOut<DB>, DbErr> {
    let connection = acquired.map_err(not_acquired)?;
    Ok(CheckedOut { connection, since: Instant::now() })
}

/// As SeaORM tells that a pool had no connection.
fn not_acquired(error: sqlx::Error) -> DbErr {
    match error {
        sqlx::Error::PoolTimedOut => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
        sqlx::Error::PoolClosed => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
        other => DbErr::Conn(failed(other)),
    }
}

#[cfg(test)]
mod tests;
