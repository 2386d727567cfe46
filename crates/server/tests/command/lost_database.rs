//! A database that goes away while people come, and comes back.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::behind_pgbouncer::PgBouncer;
use crate::cluster::{Cluster, Kind};
use crate::harness::{Folder, PATIENCE};
use crate::visitor::{PASSWORD, Visitor};

/// How many people come at once.
const AT_ONCE: usize = 4;

/// People who come one after another until they are told to stop.
struct Crowd {
    server: SocketAddr,
    numbers: AtomicUsize,
    is_over: AtomicBool,
    entered: AtomicUsize,
    turned_away: AtomicUsize,
}

impl Crowd {
    fn come(&self) {
        while !self.is_over.load(Ordering::SeqCst) {
            let number = self.numbers.fetch_add(1, Ordering::SeqCst);
            let visitor = Visitor { number, server: self.server };
            self.comes_in(visitor);
        }
    }

    /// Registers and comes in, however often it takes. What was answered holds: who is registered
    /// can log in, and who has logged in is known.
    fn comes_in(&self, visitor: Visitor) {
        let mut was_refused = false;
        self.until_answered(|| {
            let answer = visitor.register();
            let is_done = match answer.status {
                201 => true,
                // The answer to an earlier one was 503 although the database had kept it: the
                // connection broke behind its COMMIT.
                400 if was_refused => answer.body.contains("already exists"),
                _ => false,
            };
            assert!(is_done || answer.status == 503, "{}: {}", answer.status, answer.body);
            was_refused = answer.status == 503;
            is_done.then_some(())
        });
        let key = self.until_answered(|| {
            let answer = visitor.log_in(PASSWORD);
            assert!([200, 503].contains(&answer.status), "{}: {}", answer.status, answer.body);
            (answer.status == 200).then(|| answer.key())
        });
        self.until_answered(|| {
            let answer = visitor.ask(&key, "GET", "user/", "");
            assert!([200, 503].contains(&answer.status), "{}: {}", answer.status, answer.body);
            let retry = answer.head.to_ascii_lowercase().contains("retry-after: ");
            assert_eq!(retry, answer.status == 503, "{}", answer.head);
            (answer.status == 200).then_some(())
        });
        self.entered.fetch_add(1, Ordering::SeqCst);
    }

    fn until_answered<T>(&self, mut ask: impl FnMut() -> Option<T>) -> T {
        let begun = Instant::now();
        loop {
            if let Some(answer) = ask() {
                return answer;
            }
            self.turned_away.fetch_add(1, Ordering::SeqCst);
            assert!(begun.elapsed() < PATIENCE, "the server does not recover");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until so many more have come in or been turned away.
    fn wait_for(counter: &AtomicUsize, more: usize) {
        let (begun, before) = (Instant::now(), counter.load(Ordering::SeqCst));
        while counter.load(Ordering::SeqCst) < before + more {
            assert!(begun.elapsed() < PATIENCE, "nobody comes");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Sends everybody home, also when the test fails.
struct Closing<'a>(&'a AtomicBool);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// A folder whose server uses the database of this URL.
fn folder(url: &str) -> Folder {
    Folder::configured(&format!(
        "[server]\nsecret_key = \"a key for one test, which nobody else uses anywhere\"\n\
         [account]\nrate_limits = false\n[email]\nbackend = \"none\"\n[database]\n\
         url = \"{url}\"\nmigrate_on_start = true\nacquire_timeout = 1\n"
    ))
}

/// Has people come while the database goes by each of these signals, and comes again.
fn survives(cluster: &mut Cluster, url: &str, signals: &[&str]) {
    let folder = folder(url);
    let server = folder.serve();
    let crowd = Crowd {
        server: server.address(),
        numbers: AtomicUsize::new(0),
        is_over: AtomicBool::new(false),
        entered: AtomicUsize::new(0),
        turned_away: AtomicUsize::new(0),
    };
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| crowd.come());
        }
        let _closing = Closing(&crowd.is_over);
        for signal in signals {
            Crowd::wait_for(&crowd.entered, 2 * AT_ONCE);
            cluster.go(signal);
            Crowd::wait_for(&crowd.turned_away, 2 * AT_ONCE);
            assert_eq!(server.get("/readyz").status, 503);
            assert_eq!(server.get("/healthz").status, 200);
            cluster.come();
        }
        Crowd::wait_for(&crowd.entered, 2 * AT_ONCE);
    });
    let begun = Instant::now();
    while server.get("/readyz").status != 200 {
        assert!(begun.elapsed() < PATIENCE, "the server is not ready");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
#[cfg_attr(not(postgres_bin), ignore = "needs REST_AUTH_TEST_POSTGRES_BIN")]
fn nobody_gets_a_wrong_answer_while_it_is_away_or_has_to_wait_when_it_is_back() {
    let mut cluster = Cluster::start(Kind::Postgres);
    let url = cluster.url();
    // It ends its connections and goes; it drops everything and recovers when it comes.
    survives(&mut cluster, &url, &["INT", "QUIT"]);
}

#[test]
#[cfg_attr(not(mariadbd), ignore = "needs REST_AUTH_TEST_MARIADBD")]
fn nobody_gets_a_wrong_answer_while_mariadb_is_away_or_has_to_wait_when_it_is_back() {
    let mut cluster = Cluster::start(Kind::Mariadb);
    let url = cluster.url();
    // It ends its connections and goes; it is gone from one moment to the next.
    survives(&mut cluster, &url, &["TERM", "KILL"]);
}

#[test]
#[cfg_attr(
    not(all(postgres_bin, pgbouncer)),
    ignore = "needs REST_AUTH_TEST_POSTGRES_BIN and REST_AUTH_TEST_PGBOUNCER"
)]
fn nobody_gets_a_wrong_answer_while_a_pooler_is_there_and_its_server_is_away() {
    let mut cluster = Cluster::start(Kind::Postgres);
    // It asks its server again soon, and keeps nobody waiting for that.
    let further = "pool_mode = transaction\nserver_login_retry = 1\nquery_wait_timeout = 2\n";
    let pgbouncer = PgBouncer::before(&cluster.url(), further);
    survives(&mut cluster, &pgbouncer.url(), &["INT", "QUIT"]);
}
