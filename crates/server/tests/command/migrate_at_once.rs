//! Ten `rest-auth migrate` at once, one of them killed in the middle of a step.

use std::process::Child;
use std::time::{Duration, Instant};

use rest_auth_store::testing::TestDatabase;
use rest_auth_store::{Backend, Store};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, Statement, TransactionOptions,
    TransactionTrait,
};
use tokio::runtime::Runtime;

use crate::harness::{Finished, Folder, PATIENCE};

/// How many wait while the first one works.
const OTHERS: usize = 9;

/// All steps, oldest first.
const STEPS: [&str; 12] = [
    "m20261128_000001_settings",
    "m20261128_000002_django_tables",
    "m20261128_000003_users",
    "m20261128_000004_credentials",
    "m20261128_000005_secrets_and_mails",
    "m20261128_000006_rate_limits",
    "m20261128_000007_claims",
    "m20261128_000020_logins",
    "m20261129_000030_passkeys",
    "m20261129_000040_evidence",
    "m20261129_000050_mails_by_address",
    "m20261130_000060_guessed_passwords",
];

/// SQLite: by this busy timeout, in milliseconds, the first one is told from the others.
const BUSY_TIMEOUT_OF_THE_FIRST: u32 = 4321;

#[test]
fn on_sqlite_every_step_is_done_once_although_one_of_ten_is_killed() {
    // All was one transaction, which ended with the process.
    kill_one_of_ten(Backend::Sqlite, 0);
}

#[test]
#[cfg_attr(not(postgres), ignore = "REST_AUTH_TEST_POSTGRES_URL names no server")]
fn on_postgres_every_step_is_done_once_although_one_of_ten_is_killed() {
    kill_one_of_ten(Backend::Postgres, 0);
}

#[test]
#[cfg_attr(not(mysql), ignore = "REST_AUTH_TEST_MYSQL_URL names no server")]
fn on_mysql_every_step_is_done_once_although_one_of_ten_is_killed() {
    // The first step was recorded, the second one had made some of Django's tables.
    kill_one_of_ten(Backend::Mysql, 1);
}

/// `kept` is how many steps of the one that is killed stay.
fn kill_one_of_ten(backend: Backend, kept: usize) {
    let runtime = Runtime::new().unwrap();
    let database = runtime.block_on(TestDatabase::fresh(backend)).unwrap();
    // An SQLite file is made by who connects first.
    let store = runtime.block_on(Store::connect(&database.settings())).unwrap();
    runtime.block_on(store.close());
    let blocker = runtime.block_on(Blocker::put(&database, backend)).unwrap();
    let first = configured(&database, BUSY_TIMEOUT_OF_THE_FIRST);
    let folder = configured(&database, 5000);

    let mut killed = first.start(&["migrate"]);
    wait_until("the first one is in the middle of a step", || {
        assert!(killed.try_wait().unwrap().is_none(), "the first one was not stopped");
        runtime.block_on(blocker.is_reached()).unwrap()
    });
    let others: Vec<Child> = (0..OTHERS).map(|_| folder.start(&["migrate"])).collect();
    wait_until("the others wait", || runtime.block_on(blocker.has_others_waiting()).unwrap());
    let during = folder.run(&["migrate", "--status"], "").ok().stdout;
    assert_eq!(lines_with("applied ", &during), STEPS[..kept], "{during}");
    assert_eq!(lines_with("pending ", &during), STEPS[kept..], "{during}");
    assert!(!during.contains("warning"), "{during}");
    killed.kill().unwrap();
    assert_eq!(killed.wait_with_output().unwrap().status.code(), None);
    runtime.block_on(blocker.take_away()).unwrap();

    let outcomes: Vec<Finished> =
        others.into_iter().map(|child| Finished::of(child).ok()).collect();
    let said: Vec<&str> = outcomes.iter().map(|outcome| outcome.stdout.as_str()).collect();
    assert!(said.iter().all(|said| said.ends_with("the database is up to date\n")), "{said:#?}");
    let applied: Vec<&str> = said.iter().flat_map(|said| lines_with("applied ", said)).collect();
    assert_eq!(applied, STEPS[kept..], "{said:#?}");
    let workers = said.iter().filter(|said| said.contains("applied ")).count();
    assert_eq!(workers, 1, "{said:#?}");

    let status = folder.run(&["migrate", "--status"], "").ok().stdout;
    assert!(status.starts_with("Django's tables were made by this server\n"), "{status}");
    assert_eq!(lines_with("applied ", &status), STEPS, "{status}");
    assert!(!status.contains("warning"), "{status}");
    let user = r#"{"username": "ada", "password": "correct-horse-9"}"#;
    folder.run(&["user", "create"], user).ok();
}

/// A folder whose commands work on the database, each with one connection for statements.
fn configured(database: &TestDatabase, busy_timeout: u32) -> Folder {
    let mut url = database.url().to_owned();
    if url.starts_with("postgres") {
        url.push_str("&application_name=");
        url.push_str(&application_name());
    }
    Folder::configured(&format!(
        "[database]\nurl = \"{url}\"\nmax_connections = 1\nmin_connections = 0\n\
         busy_timeout = {:?}\n[server]\nsecret_key = \"a key for one test, and for no other\"\n",
        f64::from(busy_timeout) / 1000.0
    ))
}

/// PostgreSQL: what tells our connections from those of other tests.
fn application_name() -> String {
    format!("ten_at_once_{}", std::process::id())
}

/// What follows `start` on the lines that begin with it.
fn lines_with<'a>(start: &str, text: &'a str) -> Vec<&'a str> {
    text.lines().filter_map(|line| line.strip_prefix(start)).collect()
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Something in the database that stops the first one in the middle of a step.
struct Blocker {
    db: DatabaseConnection,
    backend: Backend,
    /// Holds the lock that the first one waits for.
    holder: Option<DatabaseTransaction>,
}

impl Blocker {
    async fn put(database: &TestDatabase, backend: Backend) -> Result<Self, DbErr> {
        let db = database.raw().await?;
        let holder = match backend {
            Backend::Sqlite => {
                db.execute_unprepared(&endless_trigger()).await?;
                None
            }
            Backend::Postgres => {
                // A table of the same name waits until it is known whether this one stays.
                let holder = db.begin_with_options(TransactionOptions::default()).await?;
                holder.execute_unprepared("CREATE TABLE usersessions_usersession (id int)").await?;
                Some(holder)
            }
            Backend::Mysql => {
                db.execute_unprepared("CREATE TABLE usersessions_usersession (id int)").await?;
                let holder = db.begin_with_options(TransactionOptions::default()).await?;
                holder.execute_unprepared("LOCK TABLES usersessions_usersession WRITE").await?;
                Some(holder)
            }
        };
        Ok(Self { db, backend, holder })
    }

    /// Whether the first one has come to it.
    async fn is_reached(&self) -> Result<bool, DbErr> {
        match (self.backend, &self.holder) {
            (Backend::Postgres, Some(holder)) => {
                let pid = number(holder, "SELECT pg_backend_pid()::bigint AS n").await?;
                let blocked = format!(
                    "SELECT count(*) AS n FROM pg_stat_activity \
                     WHERE {pid} = ANY(pg_blocking_pids(pid))"
                );
                Ok(number(&self.db, &blocked).await? == 1)
            }
            (Backend::Mysql, _) => {
                let blocked = "SELECT COUNT(*) AS n FROM information_schema.processlist \
                               WHERE db = DATABASE() AND state LIKE 'Waiting for table metadata%'";
                Ok(number(&self.db, blocked).await? == 1)
            }
            // It cannot leave the transaction that it is in.
            _ => Ok(self.is_being_written().await),
        }
    }

    /// Whether all others have come to where they must wait, or are about to.
    async fn has_others_waiting(&self) -> Result<bool, DbErr> {
        let others = i64::try_from(OTHERS).unwrap();
        match self.backend {
            Backend::Postgres => {
                let waiting = format!(
                    "SELECT count(*) AS n FROM pg_stat_activity \
                     WHERE application_name = '{}' AND wait_event = 'advisory'",
                    application_name()
                );
                Ok(number(&self.db, &waiting).await? == others)
            }
            Backend::Mysql => {
                // Each has a connection for the lease beside that for statements; the test has two.
                let connections = "SELECT COUNT(*) AS n FROM information_schema.processlist \
                                   WHERE db = DATABASE()";
                Ok(number(&self.db, connections).await? >= 2 + 2 * (1 + others))
            }
            // Nothing can be seen of them. Who comes later than this waits or finds all done.
            Backend::Sqlite => {
                tokio::time::sleep(Duration::from_secs(2)).await;
                Ok(self.is_being_written().await)
            }
        }
    }

    async fn take_away(self) -> Result<(), DbErr> {
        let Some(holder) = self.holder else { return Ok(()) };
        if self.backend == Backend::Mysql {
            holder.execute_unprepared("DROP TABLE usersessions_usersession; UNLOCK TABLES").await?;
        }
        holder.rollback().await
    }

    /// SQLite: whether a process is in a transaction that writes.
    async fn is_being_written(&self) -> bool {
        let attempt = "PRAGMA busy_timeout = 0; BEGIN IMMEDIATE; ROLLBACK";
        self.db.execute_unprepared(attempt).await.is_err()
    }
}

/// The ledger as a first run makes it, in which the first one cannot record the step that makes
/// tables for credentials: a trigger counts for ever. It stays when the others come.
fn endless_trigger() -> String {
    let step = STEPS[3];
    format!(
        "CREATE TABLE rest_auth_migration \
             (version varchar NOT NULL PRIMARY KEY, applied_at integer NOT NULL); \
         CREATE VIEW endless AS \
             WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers) \
             SELECT count(*) AS n FROM numbers; \
         CREATE TRIGGER blocker BEFORE INSERT ON rest_auth_migration \
             WHEN new.version = '{step}' \
                 AND (SELECT timeout FROM pragma_busy_timeout) = {BUSY_TIMEOUT_OF_THE_FIRST} \
             BEGIN SELECT n FROM endless; END"
    )
}

async fn number(db: &impl ConnectionTrait, query: &str) -> Result<i64, DbErr> {
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), query)).await?;
    row.map_or(Ok(0), |row| row.try_get("", "n"))
}
