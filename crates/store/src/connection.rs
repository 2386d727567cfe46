//! What entities and statements run on: a connection, or a transaction that writes.
//!
//! Both put values into Django's form for the database they go to, because `Into<Value>` does not
//! know which one that is: datetimes as [`DjangoTime`] says, JSON as [`JsonColumn`] says. So
//! entities, `ActiveModel`s and sea-query's statements are written once for all three.

pub(crate) mod session;
mod to_its_end;
mod transaction;
mod unnamed;
mod warm;

use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use sea_orm::prelude::async_trait::async_trait;
use sea_orm::sea_query::Value;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, Statement,
};
use sqlx::{MySql, Postgres, Sqlite};

use crate::error::gives_way;
use crate::json::JsonColumn;
use crate::time::DjangoTime;
use transaction::OpenTransaction;
use warm::Warm;

/// How often a statement that stands by itself, or a transaction, is tried while others make it
/// give way.
pub(crate) const MOST_TRIES: u32 = 5;

/// The pause before the second try lasts up to twice this, before the third up to four times.
const FIRST_PAUSE: Duration = Duration::from_millis(5);

/// Whether statements that are prepared have names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    /// They do, and are prepared once for each connection.
    Kept,
    /// A pooler stands between, which hands out connections for one transaction each.
    Unused,
}

/// A connection of a pool, on which each statement is a transaction of its own: what the database
/// took back because two writers met is run again.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    pool: DatabaseConnection,
    warm: AnyWarm,
    names: Names,
}

/// What belongs to one of the databases.
#[derive(Clone, Debug)]
enum OfDatabase<S, P, M> {
    Sqlite(S),
    Postgres(P),
    Mysql(M),
}

type AnyWarm = OfDatabase<Warm<Sqlite>, Warm<Postgres>, Warm<MySql>>;

type AnyTransaction =
    OfDatabase<OpenTransaction<Sqlite>, OpenTransaction<Postgres>, OpenTransaction<MySql>>;

/// Calls a method of what belongs to whatever database it is.
macro_rules! of_any {
    ($any:expr, $one:ident => $call:expr) => {
        match $any {
            OfDatabase::Sqlite($one) => $call,
            OfDatabase::Postgres($one) => $call,
            OfDatabase::Mysql($one) => $call,
        }
    };
}

/// The same of another kind for whatever database it is.
macro_rules! map_any {
    ($any:expr, $one:ident => $call:expr) => {
        match $any {
            OfDatabase::Sqlite($one) => OfDatabase::Sqlite($call),
            OfDatabase::Postgres($one) => OfDatabase::Postgres($call),
            OfDatabase::Mysql($one) => OfDatabase::Mysql($call),
        }
    };
}

/// A transaction that writes. Cloning shares it; when the last is dropped before the transaction
/// has ended, everything is taken back.
#[derive(Clone, Debug)]
pub(crate) struct Transaction(Arc<AnyTransaction>);

impl Connection {
    /// Wraps a pool. Only on PostgreSQL statements can do without names.
    pub(crate) fn new(pool: DatabaseConnection, names: Names) -> Self {
        let warm = match pool.get_database_backend() {
            DbBackend::Postgres => {
                OfDatabase::Postgres(Warm::new(pool.get_postgres_connection_pool().clone(), names))
            }
            DbBackend::MySql => {
                OfDatabase::Mysql(Warm::new(pool.get_mysql_connection_pool().clone(), Names::Kept))
            }
            _ => OfDatabase::Sqlite(Warm::new(
                pool.get_sqlite_connection_pool().clone(),
                Names::Kept,
            )),
        };
        Self { pool, warm, names }
    }

    /// Whether its statements have names.
    pub(crate) fn names(&self) -> Names {
        self.names
    }

    /// Begins a transaction. On SQLite it holds the write lock from its first moment: one that
    /// begins by reading and then wants to write fails at once when another wrote in between, and
    /// no timeout helps.
    pub(crate) fn begin(&self) -> BoxFuture<'_, Result<Transaction, DbErr>> {
        Box::pin(async move {
            let statement = match &self.warm {
                OfDatabase::Sqlite(_) => Some("BEGIN IMMEDIATE"),
                OfDatabase::Postgres(_) | OfDatabase::Mysql(_) => None,
            };
            let open = map_any!(&self.warm, warm => warm.begin(statement).await?);
            Ok(Transaction(Arc::new(open)))
        })
    }

    /// The pool, for what speaks to the database in its own words. The second
    /// answer reserves a connection of it, and is kept until that was taken.
    pub(crate) fn pool(&self) -> (&DatabaseConnection, Box<dyn Send>) {
        (&self.pool, of_any!(&self.warm, warm => Box::new(warm.reserve())))
    }

    /// Closes all connections; later calls fail.
    pub(crate) async fn close(&self) -> Result<(), DbErr> {
        of_any!(&self.warm, warm => warm.close());
        self.pool.close_by_ref().await
    }
}

impl Transaction {
    /// Begins a savepoint: what is done on it can be taken back by itself.
    pub(crate) async fn savepoint(&self) -> Result<Self, DbErr> {
        let open = map_any!(&*self.0, open => open.savepoint().await?);
        Ok(Self(Arc::new(open)))
    }

    /// Keeps what was done.
    pub(crate) fn commit(self) -> BoxFuture<'static, Result<(), DbErr>> {
        Box::pin(async move { of_any!(self.alone()?, open => open.commit().await) })
    }

    /// Takes back what was done.
    pub(crate) fn roll_back(self) -> BoxFuture<'static, Result<(), DbErr>> {
        Box::pin(async move { of_any!(self.alone()?, open => open.roll_back().await) })
    }

    fn alone(self) -> Result<AnyTransaction, DbErr> {
        let shared = "a transaction was to end while somebody used it";
        Arc::try_unwrap(self.0).map_err(|_| DbErr::Custom(shared.to_owned()))
    }
}

#[async_trait]
impl ConnectionTrait for Connection {
    fn get_database_backend(&self) -> DbBackend {
        self.pool.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let sent = in_djangos_form(statement);
        of_any!(&self.warm, warm => again(|| warm.execute(&sent)).await)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        of_any!(&self.warm, warm => again(|| warm.execute_unprepared(sql)).await)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let sent = in_djangos_form(statement);
        of_any!(&self.warm, warm => again(|| warm.query_one(&sent)).await)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let sent = in_djangos_form(statement);
        of_any!(&self.warm, warm => again(|| warm.query_all(&sent)).await)
    }
}

#[async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        match &*self.0 {
            OfDatabase::Sqlite(_) => DbBackend::Sqlite,
            OfDatabase::Postgres(_) => DbBackend::Postgres,
            OfDatabase::Mysql(_) => DbBackend::MySql,
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let sent = in_djangos_form(statement);
        of_any!(&*self.0, open => open.execute(&sent).await)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        of_any!(&*self.0, open => open.execute_unprepared(sql).await)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let sent = in_djangos_form(statement);
        of_any!(&*self.0, open => open.query_one(&sent).await)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let sent = in_djangos_form(statement);
        of_any!(&*self.0, open => open.query_all(&sent).await)
    }
}

/// Puts the values of a statement into the form in which Django stores and compares them.
fn in_djangos_form(mut statement: Statement) -> Statement {
    let backend = statement.db_backend;
    for value in statement.values.iter_mut().flat_map(|values| &mut values.0) {
        match value {
            Value::ChronoDateTimeUtc(time) => *value = DjangoTime::value(time.take(), backend),
            Value::Json(json) => *value = JsonColumn::value(json.take(), backend),
            _ => {}
        }
    }
    if backend == DbBackend::Sqlite {
        write_limit(&mut statement);
    }
    #[cfg(feature = "testing")]
    crate::testing::recording::remember(&statement);
    statement
}

/// Writes a LIMIT at the end of a statement as a number. SQLite looks at one that is bound when it
/// plans, so that it would parse and plan the statement again for every execution.
fn write_limit(statement: &mut Statement) {
    let Some(values) = &mut statement.values else { return };
    let Some(Value::BigUnsigned(Some(limit))) = values.0.last() else { return };
    if let Some(before) = statement.sql.strip_suffix("LIMIT ?") {
        statement.sql = format!("{before}LIMIT {limit}");
        values.0.pop();
    }
}

/// Runs a statement that stands by itself, again as long as it has to give way.
async fn again<T, F>(run: impl Fn() -> F) -> Result<T, DbErr>
where
    F: Future<Output = Result<T, DbErr>>,
{
    let mut tries = 1;
    loop {
        match run().await {
            Err(error) if tries < MOST_TRIES && gives_way(&error) => pause(tries).await,
            other => return other,
        }
        tries += 1;
    }
}

/// Waits before another try, for a time that those who met do not share. It grows with the tries.
pub(crate) async fn pause(tries: u32) {
    let longest = FIRST_PAUSE * 2_u32.saturating_pow(tries);
    let longest = u64::try_from(longest.as_micros()).unwrap_or(u64::MAX);
    // Every `RandomState` has keys of its own.
    let random = RandomState::new().hash_one(tries);
    tokio::time::sleep(Duration::from_micros(random % longest.max(1))).await;
}

#[cfg(test)]
mod tests {
    use sea_orm::sea_query::{Expr, ExprTrait as _, Query, Values};

    use super::*;

    fn stored(backend: DbBackend, value: Value) -> Value {
        let values = Some(Values(vec![value]));
        let statement = Statement { sql: String::new(), values, db_backend: backend };
        in_djangos_form(statement).values.unwrap().0.remove(0)
    }

    #[test]
    fn every_database_gets_the_form_that_django_stores() {
        let noon = "2026-02-03T12:00:00.5Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap();
        let time = || Value::from(noon);
        let text = Value::from("2026-02-03 12:00:00.500000");
        assert_eq!(stored(DbBackend::Sqlite, time()), text);
        assert_eq!(stored(DbBackend::MySql, time()), Value::from(noon.naive_utc()));
        assert_eq!(stored(DbBackend::Postgres, time()), time());
        let json = || Value::from(serde_json::json!({"a": 1}));
        assert_eq!(stored(DbBackend::Sqlite, json()), Value::from(r#"{"a": 1}"#));
        assert_eq!(stored(DbBackend::MySql, json()), Value::from(r#"{"a": 1}"#));
        assert_eq!(stored(DbBackend::Postgres, json()), json());
    }

    #[test]
    fn sqlite_gets_limits_that_are_no_parameters() {
        let query = Query::select()
            .column("id")
            .from("account")
            .and_where(Expr::col("id").gt(7))
            .limit(5)
            .take();
        let sent = |backend: DbBackend| in_djangos_form(backend.build(&query));
        let values = |statement: &Statement| statement.values.clone().unwrap().0.len();
        let sqlite = sent(DbBackend::Sqlite);
        assert!(sqlite.sql.ends_with(r#"WHERE "id" > ? LIMIT 5"#), "{}", sqlite.sql);
        assert_eq!(values(&sqlite), 1);
        let postgres = sent(DbBackend::Postgres);
        assert!(postgres.sql.ends_with("LIMIT $2"), "{}", postgres.sql);
        assert_eq!(values(&postgres), 2);
    }

    #[test]
    fn what_is_missing_stays_missing() {
        let missing = stored(DbBackend::Sqlite, Value::ChronoDateTimeUtc(None));
        assert_eq!(missing, Value::String(None));
        let missing = stored(DbBackend::MySql, Value::ChronoDateTimeUtc(None));
        assert_eq!(missing, Value::ChronoDateTime(None));
    }
}
