//! More reads than the cores can answer.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::harness::{Folder, KeptAlive};

/// Asks who is logged in, in one connection, until it is told to stop.
fn read_on(server: SocketAddr, token: &str, stop: &AtomicBool, answered: &AtomicUsize) {
    let mut connection = KeptAlive::connect(server);
    let request = format!(
        "GET /api/auth/user/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: Token {token}\r\n\r\n"
    );
    while !stop.load(Ordering::Relaxed) {
        let line = connection.ask(&request);
        assert!(line.starts_with("HTTP/1.1 200 "), "{line:?}");
        answered.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn leave_a_login_its_time() {
    let folder =
        Folder::prepared("[rest_auth]\nsession_login = false\n[account]\nrate_limits = false\n");
    let ada = json!({"username": "ada", "password": "correct-horse-9", "email_verified": true,
        "email": "ada@example.com"});
    folder.run(&["user", "create"], &ada.to_string()).ok();
    let server = folder.serve();
    let login =
        || server.post("login/", &json!({"username": "ada", "password": "correct-horse-9"}));
    let token = login().json()["key"].as_str().unwrap().to_owned();
    let address = server.address();
    let (stop, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    let mut logins = Vec::new();
    let readers = available_parallelism().unwrap().get() * 4;
    std::thread::scope(|scope| {
        for _ in 0..readers {
            scope.spawn(|| read_on(address, &token, &stop, &answered));
        }
        std::thread::sleep(Duration::from_millis(500));
        for _ in 0..5 {
            let begun = Instant::now();
            logins.push((login(), begun.elapsed()));
        }
        stop.store(true, Ordering::Relaxed);
    });
    for (answer, taken) in logins {
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert!(taken < Duration::from_secs(2), "after {taken:?}");
    }
    assert!(answered.load(Ordering::Relaxed) > readers * 5, "nobody was in the way");
}
