//! Throw-away databases for tests.

mod content;
mod entities;
mod epochs;
mod pages;
mod plans;
mod pool;
pub(crate) mod recording;
mod redis;
mod run_test;
mod slots;
mod users;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr};

use rest_auth_settings::{ConnectionUrl, Profile};

use crate::{Backend, DatabaseSettings, Store, StoreError};

pub use content::{Content, Row};
pub use entities::entities;
pub use pages::{Growth, limit_growth};
pub use plans::scans;
pub use pool::DatabasePool;
pub use recording::{record, statements};
pub use redis::TestRedis;
pub use run_test::run_test;

/// A database of its own for one test, empty at first and removed when dropped.
#[derive(Debug)]
pub struct TestDatabase {
    database: Arc<Database>,
    /// Takes it back into the pool it is from.
    _lease: Option<pool::PoolLease>,
}

#[derive(Debug)]
struct Database {
    url: String,
    place: Place,
    /// Of a database that outlives its test.
    slot: Option<slots::Slot>,
}

#[derive(Debug)]
enum Place {
    File(PathBuf),
    Schema { server: String, name: String },
    Database { server: String, name: String },
}

static COUNT: AtomicU32 = AtomicU32::new(0);

impl TestDatabase {
    /// Makes a database. `None`: the server's URL is not in the environment, as
    /// `REST_AUTH_TEST_POSTGRES_URL` or `REST_AUTH_TEST_MYSQL_URL`; SQLite needs none.
    /// `REST_AUTH_TEST_POSTGRES_OPTION` is added to the query of the former.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn fresh(backend: Backend) -> Option<Self> {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("rest_auth_test_{}_{number}", std::process::id());
        let database = Database::named(backend, name)?;
        let made = database.create().await;
        made.unwrap_or_else(|error| panic!("no test database on {backend:?}: {error}"));
        Some(Self { database: Arc::new(database), _lease: None })
    }

    /// A database on PostgreSQL, as [`fresh`](Self::fresh), whose transactions are serializable
    /// unless they say otherwise.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn serializable() -> Option<Self> {
        let mut made = Self::fresh(Backend::Postgres).await?;
        let option = "options[default_transaction_isolation]=serializable";
        let database = Arc::get_mut(&mut made.database).expect("nobody else has it yet");
        database.url = with_option(&database.url, option);
        Some(made)
    }

    /// The URL of this database.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.database.url
    }

    /// Settings with few connections, so that many tests fit one server.
    #[must_use]
    pub fn settings(&self) -> DatabaseSettings {
        DatabaseSettings {
            url: ConnectionUrl::new(self.url()),
            max_connections: 4,
            min_connections: 0,
            acquire_timeout: std::time::Duration::from_secs(30),
            ..DatabaseSettings::defaults(Profile::Strict)
        }
    }

    /// Connects, with the schema up to date.
    ///
    /// # Errors
    /// When the database cannot be reached or migrated.
    pub async fn store(&self) -> Result<Store, StoreError> {
        let store = Store::connect(&self.settings()).await?;
        store.migrate().await?;
        Ok(store)
    }

    /// Connects without the store, for tests that play Django's part.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn raw(&self) -> Result<DatabaseConnection, DbErr> {
        self.database.raw().await
    }

    /// Runs a statement behind the back of everybody.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn execute(&self, statement: &str) -> Result<(), DbErr> {
        let db = self.database.raw().await?;
        db.execute_unprepared(statement).await?;
        db.close().await
    }
}

impl Database {
    /// A database of this name, which need not be there yet. `None` as for
    /// [`TestDatabase::fresh`].
    fn named(backend: Backend, name: String) -> Option<Self> {
        let (url, place) = match backend {
            Backend::Sqlite => {
                let path = std::env::temp_dir().join(format!("{name}.sqlite3"));
                (format!("sqlite://{}", path.display()), Place::File(path))
            }
            Backend::Postgres => {
                let mut server = server("REST_AUTH_TEST_POSTGRES_URL")?;
                if let Some(option) = self::server("REST_AUTH_TEST_POSTGRES_OPTION") {
                    server = with_option(&server, &option);
                }
                if !server.contains("sslmode=") {
                    // Most of the time of a test would be spent on handshakes.
                    server = with_option(&server, "sslmode=disable");
                }
                // A test does not outlive a power cut: no commit waits for the disk.
                let url = with_option(&server, "options[synchronous_commit]=off");
                let url = with_option(&url, &format!("options[search_path]={name}"));
                (url, Place::Schema { server, name })
            }
            Backend::Mysql => {
                let server = server("REST_AUTH_TEST_MYSQL_URL")?;
                let (host, _) = server.rsplit_once('/').unwrap_or((&server, ""));
                (format!("{host}/{name}"), Place::Database { server: server.clone(), name })
            }
        };
        Some(Self { url, place, slot: None })
    }

    /// Makes it, with nothing in it.
    async fn create(&self) -> Result<(), DbErr> {
        match &self.place {
            Place::File(path) => {
                remove_file(path);
                Ok(())
            }
            Place::Schema { server, name } => {
                let drop = format!("DROP SCHEMA IF EXISTS {name} CASCADE");
                run(server, &[drop, format!("CREATE SCHEMA {name}")]).await
            }
            Place::Database { server, name } => {
                let drop = format!("DROP DATABASE IF EXISTS {name}");
                let make = format!("CREATE DATABASE {name} CHARACTER SET utf8mb4");
                run(server, &[drop, make]).await
            }
        }
    }

    async fn raw(&self) -> Result<DatabaseConnection, DbErr> {
        let mut options = sea_orm::ConnectOptions::new(self.url.clone());
        options.max_connections(2).sqlx_logging(false);
        sea_orm::Database::connect(options).await
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if self.slot.is_some() {
            return;
        }
        let (server, sql) = match &self.place {
            Place::File(path) => return remove_file(path),
            Place::Schema { server, name } => {
                (server.clone(), format!("DROP SCHEMA IF EXISTS {name} CASCADE"))
            }
            Place::Database { server, name } => {
                (server.clone(), format!("DROP DATABASE IF EXISTS {name}"))
            }
        };
        // A thread of its own: the test's runtime may be the one that is unwinding.
        let cleaned = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map(|runtime| runtime.block_on(run(&server, &[sql])))
        });
        if !matches!(cleaned.join(), Ok(Ok(Ok(())))) {
            tracing::warn!(url = %self.url, "a test database was left behind");
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "tests are told by the environment what to run on")]
fn server(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|url| !url.is_empty())
}

fn with_option(url: &str, option: &str) -> String {
    let mark = if url.contains('?') { '&' } else { '?' };
    format!("{url}{mark}{option}")
}

async fn run(server: &str, statements: &[String]) -> Result<(), DbErr> {
    let mut options = sea_orm::ConnectOptions::new(server);
    options.max_connections(1).sqlx_logging(false);
    let db = sea_orm::Database::connect(options).await?;
    for statement in statements {
        db.execute_unprepared(statement).await?;
    }
    db.close().await
}

fn remove_file(path: &std::path::Path) {
    for end in ["", "-wal", "-shm"] {
        let mut file = path.as_os_str().to_owned();
        file.push(end);
        // Most of the time there is none.
        let _gone = std::fs::remove_file(file);
    }
}
