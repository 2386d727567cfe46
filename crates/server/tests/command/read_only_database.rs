//! A database server that lets itself be read and not written, as a copy does that waits for its
//! turn.

use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait as _, Database};
use tokio::runtime::Runtime;

use crate::cluster::{Cluster, Kind};
use crate::harness::{Finished, Folder, PATIENCE, Server};
use crate::visitor::{PASSWORD, Visitor};

/// Longer than what an earlier proof that the database can be written stands for.
const A_MOMENT: Duration = Duration::from_millis(1_100);

/// Runs statements as the administrator of a database.
fn run(url: &str, statements: &[&str]) {
    Runtime::new().unwrap().block_on(async {
        let db = Database::connect(url).await.unwrap();
        for statement in statements {
            db.execute_unprepared(statement).await.unwrap();
        }
        db.close().await.unwrap();
    });
}

fn folder(url: &str) -> Folder {
    Folder::configured(&format!(
        "[server]\nsecret_key = \"a key for one test, which nobody else uses anywhere\"\n\
         [account]\nrate_limits = false\n[email]\nbackend = \"none\"\n[database]\n\
         url = \"{url}\"\nmigrate_on_start = true\n"
    ))
}

/// Waits until `/readyz` answers with this status.
fn wait_until(server: &Server, status: u16) -> String {
    let begun = Instant::now();
    loop {
        let answer = server.get("/readyz");
        if answer.status == status {
            return answer.body;
        }
        assert!(begun.elapsed() < PATIENCE, "{}", answer.body);
        std::thread::sleep(A_MOMENT);
    }
}

/// Has a database refuse writes while a server uses it, and take them again.
fn is_read_and_not_written(url: &str, refuse: impl Fn(), take: impl Fn()) {
    let folder = folder(url);
    let server = folder.serve();
    let visitor = Visitor { number: 1, server: server.address() };
    assert_eq!(visitor.register().status, 201);
    let key = visitor.log_in(PASSWORD).key();
    refuse();
    let reason = wait_until(&server, 503);
    assert!(reason.contains("the database cannot be written"), "{reason}");
    let newcomer = Visitor { number: 2, ..visitor };
    assert_eq!(newcomer.register().status, 503);
    assert_eq!(visitor.ask(&key, "GET", "user/", "").status, 200, "whoever is in can read");
    let outcome = Finished::of(folder.start(&["serve", "--bind", "127.0.0.1:0"]));
    assert_eq!(outcome.status, 1, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("cannot be written"), "{}", outcome.stderr);
    take();
    wait_until(&server, 200);
    assert_eq!(newcomer.register().status, 201);
}

#[test]
#[cfg_attr(not(postgres_bin), ignore = "needs REST_AUTH_TEST_POSTGRES_BIN")]
fn postgresql_that_takes_no_writes_is_told_and_read() {
    let cluster = Cluster::start(Kind::Postgres);
    let url = cluster.url();
    let read_only = |value| {
        let set = format!("ALTER SYSTEM SET default_transaction_read_only = {value}");
        run(&url, &[&set, "SELECT pg_reload_conf()"]);
    };
    is_read_and_not_written(&url, || read_only("on"), || read_only("off"));
}

#[test]
#[cfg_attr(not(postgres_bin), ignore = "needs REST_AUTH_TEST_POSTGRES_BIN")]
fn a_url_that_asks_for_reading_alone_starts_no_server() {
    let cluster = Cluster::start(Kind::Postgres);
    folder(&cluster.url()).run(&["migrate"], "").ok();
    let url = format!("{}?options[default_transaction_read_only]=on", cluster.url());
    let outcome = folder(&url).run(&["serve", "--bind", "127.0.0.1:0"], "");
    assert_eq!(outcome.status, 1, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("cannot be written"), "{}", outcome.stderr);
}

#[test]
#[cfg_attr(not(mariadbd), ignore = "needs REST_AUTH_TEST_MARIADBD")]
fn mariadb_that_takes_no_writes_is_told_and_read() {
    let cluster = Cluster::start(Kind::Mariadb);
    let root = cluster.url();
    // Those who administer it can write at any time.
    run(&root, &["CREATE USER app@localhost", "GRANT ALL ON auth.* TO app@localhost"]);
    let read_only = |value| run(&root, &[&format!("SET GLOBAL read_only = {value}")]);
    let url = root.replace("root@", "app@");
    is_read_and_not_written(&url, || read_only(1), || read_only(0));
}
