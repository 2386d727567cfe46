//! A database behind PgBouncer, which lends its few connections for one transaction at a time.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};

use rest_auth_store::Backend;
use rest_auth_store::testing::TestDatabase;
use serde_json::json;
use tokio::runtime::Runtime;
use url::Url;

use crate::daemon::{Daemon, Home, free_address, wait_until_listening};
use crate::harness::{Finished, Folder, PATIENCE, Server};
use crate::visitor::{Answered, PASSWORD, Visitor};

/// How many people want a connection at the same moment.
const PEOPLE: usize = 12;
/// One that has fewer.
const SCARCE: &str = "pool_mode = transaction\ndefault_pool_size = 3\n";

/// A PgBouncer before a database.
pub(crate) struct PgBouncer {
    _process: Daemon,
    home: Home,
    address: SocketAddr,
}

impl PgBouncer {
    /// Starts one before the database of this URL, with further lines of configuration.
    pub(crate) fn before(url: &str, further: &str) -> Self {
        let (home, address) = (Home::new(), free_address());
        fs::write(
            home.path().join("pgbouncer.ini"),
            format!(
                "[databases]\nauth = {}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {}\n\
                 auth_type = any\nunix_socket_dir =\n{further}\n",
                behind(url),
                address.port()
            ),
        )
        .unwrap();
        let program = std::env::var_os("REST_AUTH_TEST_PGBOUNCER").unwrap();
        let process = home.command(Path::new(&program)).arg("pgbouncer.ini").spawn().unwrap();
        let process = Daemon(process);
        wait_until_listening(address);
        Self { _process: process, home, address }
    }

    /// The URL of the database through it.
    pub(crate) fn url(&self) -> String {
        format!("postgres://somebody@{}/auth", self.address)
    }

    /// A folder whose commands reach the database through it.
    fn folder(&self, database: &str) -> Folder {
        Folder::configured(&format!(
            "[server]\nsecret_key = \"a key for one test, which nobody else uses anywhere\"\n\
             [account]\nrate_limits = false\n[email]\nbackend = \"none\"\n\
             [database]\nurl = \"{}\"\n{database}\n",
            self.url()
        ))
    }
}

/// A database of the test's own.
fn database() -> TestDatabase {
    Runtime::new().unwrap().block_on(TestDatabase::fresh(Backend::Postgres)).unwrap()
}

/// What PgBouncer has to know of a database, perhaps one with a schema of its own.
fn behind(url: &str) -> String {
    let url = Url::parse(url).unwrap();
    let schema = url.query_pairs().find(|(name, _)| name == "options[search_path]");
    let schema = schema.map(|(_, name)| format!(" connect_query='SET search_path TO {name}'"));
    let password = url.password().map(|password| format!(" password={password}"));
    format!(
        "host={} port={} dbname={} user={}{}{}",
        url.host_str().unwrap(),
        url.port().unwrap_or(5432),
        url.path().trim_start_matches('/'),
        url.username(),
        password.unwrap_or_default(),
        schema.unwrap_or_default()
    )
}

/// Migrates from four processes at once, and has people do all that changes something.
fn works(pgbouncer: &PgBouncer, folder: &Folder) -> Server {
    let migrations: Vec<Child> = (0..4).map(|_| folder.start(&["migrate"])).collect();
    for migration in migrations {
        Finished::of(migration).ok();
    }
    let server = folder.serve();
    std::thread::scope(|scope| {
        for number in 0..PEOPLE {
            let visitor = Visitor { number, server: server.address() };
            scope.spawn(move || comes_in_and_goes(visitor));
        }
    });
    let log = pgbouncer.home.log("pgbouncer");
    assert!(!log.contains("prepared statement"), "{log}");
    server
}

/// Comes again as long as too many want to have a password hashed.
fn patiently(ask: impl Fn() -> Answered) -> Answered {
    let begun = Instant::now();
    loop {
        let answer = ask();
        if !answer.body.contains("Server is busy") {
            return answer;
        }
        assert!(begun.elapsed() < PATIENCE, "always busy");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn comes_in_and_goes(visitor: Visitor) {
    let registered = patiently(|| visitor.register());
    assert_eq!(registered.status, 201, "{}", registered.body);
    let again = patiently(|| visitor.register());
    assert_eq!(again.status, 400, "{}", again.body);
    assert_eq!(patiently(|| visitor.log_in("another-horse-9")).status, 400);
    let entered = patiently(|| visitor.log_in(PASSWORD));
    assert_eq!(entered.status, 200, "{}", entered.body);
    let key = entered.key();
    for _ in 0..5 {
        let user = visitor.ask(&key, "GET", "user/", "");
        assert_eq!(user.status, 200, "{}", user.body);
        assert_eq!(user.json()["username"], visitor.name());
    }
    let change = json!({"first_name": visitor.name()}).to_string();
    let changed = visitor.ask(&key, "PATCH", "user/", &change);
    assert_eq!(changed.json()["first_name"], visitor.name());
    assert_eq!(visitor.forget().status, 200);
    assert_eq!(visitor.ask(&key, "POST", "logout/", "{}").status, 200);
    assert_eq!(visitor.ask(&key, "GET", "user/", "").status, 401);
}

#[test]
#[cfg_attr(
    not(all(pgbouncer, postgres)),
    ignore = "needs REST_AUTH_TEST_PGBOUNCER and REST_AUTH_TEST_POSTGRES_URL"
)]
fn a_pooler_that_refuses_what_it_does_not_know_is_found_out() {
    let database = database();
    let pgbouncer = PgBouncer::before(database.url(), SCARCE);
    let server = works(&pgbouncer, &pgbouncer.folder(""));
    assert!(server.has_said("database.transaction_pooling"), "{:#?}", server.said);
}

#[test]
#[cfg_attr(
    not(all(pgbouncer, postgres)),
    ignore = "needs REST_AUTH_TEST_PGBOUNCER and REST_AUTH_TEST_POSTGRES_URL"
)]
fn a_pooler_that_passes_over_what_it_does_not_know_is_found_out() {
    let lenient = format!("{SCARCE}ignore_startup_parameters = extra_float_digits");
    let database = database();
    let pgbouncer = PgBouncer::before(database.url(), &lenient);
    let server = works(&pgbouncer, &pgbouncer.folder(""));
    assert!(server.has_said("database.transaction_pooling"), "{:#?}", server.said);
}

#[test]
#[cfg_attr(
    not(all(pgbouncer, postgres)),
    ignore = "needs REST_AUTH_TEST_PGBOUNCER and REST_AUTH_TEST_POSTGRES_URL"
)]
fn the_setting_says_what_the_pooler_is_without_asking_it() {
    let database = database();
    let pgbouncer = PgBouncer::before(database.url(), SCARCE);
    let server = works(&pgbouncer, &pgbouncer.folder("transaction_pooling = true"));
    assert!(!server.has_said("database.transaction_pooling"), "{:#?}", server.said);
    // One that lends connections for as long as they are wanted is like none at all. What it says
    // before it lends them again keeps the test's schema.
    let (other, session) =
        (self::database(), "pool_mode = session\nserver_reset_query = DEALLOCATE ALL");
    let pgbouncer = PgBouncer::before(other.url(), session);
    works(&pgbouncer, &pgbouncer.folder("transaction_pooling = false\nmax_connections = 2"));
}
