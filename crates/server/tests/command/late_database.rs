//! A database that is not there yet when the server starts.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use rest_auth_store::Backend;
use rest_auth_store::testing::TestDatabase;
use tokio::runtime::Runtime;

use crate::harness::{Finished, Folder, Server};

/// An address where nothing listens.
fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn configured(url: &str, connect_timeout: f64) -> Folder {
    Folder::configured(&format!(
        "[database]\nurl = \"{url}\"\nconnect_timeout = {connect_timeout}\nacquire_timeout = 1\n\
         migrate_on_start = true\n[server]\nsecret_key = \
         \"not-so-secret-but-long-enough-for-this-test\"\n"
    ))
}

#[test]
fn a_server_gives_up_in_the_end_and_says_why_it_waited() {
    for scheme in ["postgres", "mysql"] {
        let url = format!("{scheme}://ada:hunter2@{}/auth", free_address());
        let begun = Instant::now();
        let outcome = configured(&url, 2.0).run(&["serve", "--bind", "127.0.0.1:0"], "");
        assert_eq!(outcome.status, 1, "{}", outcome.stderr);
        assert!(begun.elapsed() >= Duration::from_secs(1), "{}", outcome.stderr);
        for part in ["does not answer", "database.connect_timeout", "refused", "database.url"] {
            assert!(outcome.stderr.contains(part), "{part}: {}", outcome.stderr);
        }
        assert!(!outcome.stderr.contains("hunter2"), "{}", outcome.stderr);
    }
}

#[test]
fn a_server_that_is_not_to_wait_does_not() {
    let url = format!("postgres://ada@{}/auth", free_address());
    let outcome = configured(&url, 0.0).run(&["serve", "--bind", "127.0.0.1:0"], "");
    assert_eq!(outcome.status, 1, "{}", outcome.stderr);
    assert!(!outcome.stderr.contains("connect_timeout"), "{}", outcome.stderr);
}

#[test]
#[cfg_attr(not(postgres), ignore = "REST_AUTH_TEST_POSTGRES_URL names no server")]
fn on_postgres_a_server_starts_when_the_database_has_come() {
    starts_late(Backend::Postgres);
}

#[test]
#[cfg_attr(not(mysql), ignore = "REST_AUTH_TEST_MYSQL_URL names no server")]
fn on_mysql_a_server_starts_when_the_database_has_come() {
    starts_late(Backend::Mysql);
}

fn starts_late(backend: Backend) {
    let runtime = Runtime::new().unwrap();
    let database = runtime.block_on(TestDatabase::fresh(backend)).unwrap();
    let (real, late) = (address_in(database.url()), free_address());
    let url = database.url().replacen(&real, &late.to_string(), 1);
    let folder = configured(&url, 30.0);
    let migration = folder.start(&["migrate"]);
    let listening = std::thread::scope(|scope| {
        let server = scope.spawn(|| folder.serve());
        std::thread::sleep(Duration::from_secs(2));
        let _forwarder = forward(late, real);
        server.join().unwrap()
    });
    works(&listening);
    Finished::of(migration).ok();
}

fn works(server: &Server) {
    assert!(server.has_said("does not answer"), "{:#?}", server.said);
    assert!(server.has_said("the database answers"), "{:#?}", server.said);
    let answer = server.get("/readyz");
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// Host and port of a URL.
fn address_in(url: &str) -> String {
    let authority = url.split("://").nth(1).unwrap().split('/').next().unwrap();
    authority.rsplit('@').next().unwrap().to_owned()
}

/// Forwards connections until the process ends.
fn forward(from: SocketAddr, to: String) -> std::thread::JoinHandle<()> {
    let listener = TcpListener::bind(from).unwrap();
    std::thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let server = TcpStream::connect(&to).unwrap();
            for (mut source, mut sink) in
                [(client.try_clone().unwrap(), server.try_clone().unwrap()), (server, client)]
            {
                std::thread::spawn(move || {
                    let _ = io::copy(&mut source, &mut sink);
                    let _ = sink.shutdown(std::net::Shutdown::Write);
                });
            }
        }
    })
}
