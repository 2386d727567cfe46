//! Connections.

use std::fs::OpenOptions;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use rest_auth_migration::{MigrationStatus, Report, StatementNames};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Sqlite, SqlitePool};

use crate::clock_skew::ClockSkew;
use crate::connection::{Connection, Names};
use crate::error::is_busy;
use crate::present::Present;
use crate::{
    Backend, DatabaseSettings, StoreError, UrlProblem, connect_error, mysql, pool, postgres,
};

/// The database. Cloning shares the connections.
#[derive(Clone, Debug)]
pub struct Store {
    reader: Connection,
    writer: Connection,
    backend: Backend,
    present: Arc<Present>,
    skew: ClockSkew,
}

/// SQLite has one writer. Others wait here, because waiting inside SQLite is unfair.
const WRITER_TIMEOUT: Duration = Duration::from_secs(30);

impl Store {
    /// Opens the connections. A SQLite file is created if it does not exist.
    ///
    /// # Errors
    /// When the URL cannot be understood or the database cannot be reached.
    pub async fn connect(settings: &DatabaseSettings) -> Result<Self, StoreError> {
        if let Some(problem) = settings.problem().filter(|problem| problem.is_fatal) {
            let UrlProblem { message, cure, .. } = problem;
            return Err(StoreError::Settings(format!("{message}; {cure}")));
        }
        let backend = Backend::of(settings.url.expose())?;
        let opened = match backend {
            Backend::Sqlite => connect_sqlite(settings).await,
            Backend::Postgres => postgres::connect(settings).await.map(|(pool, names)| {
                let writer = Connection::new(pool, names);
                (writer.clone(), writer)
            }),
            Backend::Mysql => mysql::connect(settings).await.map(|pool| {
                let writer = Connection::new(pool, Names::Kept);
                (writer.clone(), writer)
            }),
        };
        // Where the pool is the same, what is kept of its connections is.
        let (reader, writer) = opened.map_err(|error| connect_error::error(settings, error))?;
        let (present, skew) = (Arc::default(), ClockSkew::default());
        let store = Self { reader, writer, backend, present, skew };
        store.look_for_tables().await;
        Ok(store)
    }

    /// Opens connections that only look: nothing is made, and a SQLite file stays as it is.
    ///
    /// # Errors
    /// As [`Store::connect`]; when there is no database.
    pub async fn connect_to_read(settings: &DatabaseSettings) -> Result<Self, StoreError> {
        if Backend::of(settings.url.expose())? != Backend::Sqlite {
            return Self::connect(settings).await;
        }
        let pool = connect_sqlite_to_read(settings).await;
        let pool = pool.map_err(|error| connect_error::error(settings, error))?;
        let reader = Connection::new(pool.into(), Names::Kept);
        let writer = reader.clone();
        let (present, skew) = (Arc::default(), ClockSkew::default());
        let store = Self { reader, writer, backend: Backend::Sqlite, present, skew };
        store.look_for_tables().await;
        Ok(store)
    }

    /// The kind of database.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// Closes all connections; later calls fail.
    pub async fn close(&self) {
        for connection in [&self.reader, &self.writer] {
            if let Err(error) = connection.close().await {
                tracing::debug!(%error, "a connection did not close cleanly");
            }
        }
    }

    /// Brings the schema up to date. Safe to call from many instances at once.
    ///
    /// # Errors
    /// As [`rest_auth_migration::up`].
    pub async fn migrate(&self) -> Result<Report, StoreError> {
        let (pool, _reservation) = self.writer.pool();
        let names = match self.writer.names() {
            Names::Kept => StatementNames::Kept,
            Names::Unused => StatementNames::Forgotten,
        };
        let report = rest_auth_migration::up(pool, &self.reader, names).await?;
        self.look_for_tables().await;
        Ok(report)
    }

    /// Tells how far the schema is.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn migration_status(&self) -> Result<MigrationStatus, StoreError> {
        Ok(rest_auth_migration::status(&self.reader).await?)
    }

    pub(crate) fn present(&self) -> &Present {
        &self.present
    }

    /// How far the clocks of callers are from that of the database.
    pub(crate) fn skew(&self) -> &ClockSkew {
        &self.skew
    }

    /// For statements that only read.
    pub(crate) fn reader(&self) -> &Connection {
        &self.reader
    }

    /// For single statements that write; they are transactions of their own.
    pub(crate) fn writer(&self) -> &Connection {
        &self.writer
    }
}

/// One connection that reads a file that is there.
async fn connect_sqlite_to_read(settings: &DatabaseSettings) -> Result<SqlitePool, sqlx::Error> {
    let options = SqliteConnectOptions::from_str(settings.url.expose())?
        .create_if_missing(false)
        .read_only(true)
        .busy_timeout(settings.busy_timeout)
        .disable_statement_logging();
    pool::options::<Sqlite>(settings).max_connections(1).connect_with(options).await
}

/// One connection that reads, and one that writes.
async fn connect_sqlite(
    settings: &DatabaseSettings,
) -> Result<(Connection, Connection), sqlx::Error> {
    let options = SqliteConnectOptions::from_str(settings.url.expose())?
        .create_if_missing(true)
        .busy_timeout(settings.busy_timeout)
        // A commit that was answered must survive a power cut: FULL, although WAL allows less.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .disable_statement_logging();
    make_private(options.get_filename());
    // The writer first: it creates the file and turns on the write-ahead log, for good.
    let writer = patiently(settings.busy_timeout, || {
        pool::sqlite_writer(settings)
            .max_connections(1)
            .min_connections(settings.min_connections.min(1))
            .acquire_timeout(settings.acquire_timeout.max(WRITER_TIMEOUT))
            .connect_with(options.clone().journal_mode(SqliteJournalMode::Wal))
    })
    .await?;
    let reader = patiently(settings.busy_timeout, || {
        pool::options::<Sqlite>(settings).connect_with(options.clone())
    })
    .await?;
    let wrapped = |pool: SqlitePool| Connection::new(pool.into(), Names::Kept);
    Ok((wrapped(reader), wrapped(writer)))
}

/// Makes the file of a new database so that only its owner can read it. SQLite gives what it makes
/// beside it the same mode. A file that exists keeps its mode, which Django may need.
fn make_private(path: &Path) {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    if let Err(error) = options.open(path) {
        // It exists, or SQLite says why it cannot be made.
        tracing::debug!(%error, "no new database file");
    }
}

/// Opens a SQLite file that others may be opening or closing: turning on the log and recovering it
/// need the file alone, and there SQLite does not honour its own busy timeout.
async fn patiently<T, F>(patience: Duration, open: impl Fn() -> F) -> Result<T, sqlx::Error>
where
    F: Future<Output = Result<T, sqlx::Error>>,
{
    let pause = Duration::from_millis(20);
    let mut waited = Duration::ZERO;
    loop {
        match open().await {
            Err(error) if is_busy(&error) && waited < patience => {
                tokio::time::sleep(pause).await;
                waited += pause;
            }
            other => return other,
        }
    }
}
