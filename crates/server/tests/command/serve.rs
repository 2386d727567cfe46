//! `rest-auth serve`

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::harness::{Folder, exchange, request};

#[test]
fn runs_with_nothing_configured_and_warns_of_each_choice() {
    let folder = Folder::new();
    let mut server = folder.serve();
    for key in ["database.url", "email.backend", "server.secret_key"] {
        assert!(server.has_said(&format!("key=\"{key}\"")), "{key}: {:#?}", server.said);
    }
    let key = folder.path().join("rest-auth.sqlite3.secret-key");
    assert_eq!(key.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    for page in ["/healthz", "/readyz"] {
        let answer = server.get(page);
        assert_eq!((answer.status, answer.json()), (200, json!({"status": "ok"})), "{page}");
    }
    server.signal("TERM");
    server.wait_for("stopping");
    assert_eq!(server.end().code(), Some(0));
    assert!(!server.has_said("healthz"), "probes are logged: {:#?}", server.said);
}

#[test]
fn lets_a_user_in_who_was_made_on_the_command_line() {
    let folder = Folder::prepared("");
    let ada = json!({"username": "ada", "password": "correct-horse-9", "email_verified": true,
        "email": "ada@example.com"});
    folder.run(&["user", "create"], &ada.to_string()).ok();
    let server = folder.serve();
    let right = server.post("login/", &json!({"username": "ada", "password": "correct-horse-9"}));
    assert_eq!(right.status, 200, "{}", right.body);
    let wrong = server.post("login/", &json!({"username": "ada", "password": "wrong"}));
    assert_eq!(wrong.status, 400, "{}", wrong.body);
}

#[test]
fn answers_a_request_under_way_before_it_stops() {
    let folder = Folder::new();
    let mut server = folder.serve();
    let mut slow = server.connect();
    let whole = request("POST", "/api/auth/login/", "{\"username\": \"ada\"}");
    let (first, second) = whole.split_at(whole.len() - 5);
    slow.write_all(first.as_bytes()).unwrap();
    // The server must have taken the connection before it is told to stop.
    assert_eq!(server.get("/healthz").status, 200);
    server.signal("INT");
    server.wait_for("stopping");
    slow.write_all(second.as_bytes()).unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert_eq!(server.end().code(), Some(0));
    assert!(TcpStream::connect(server.address()).is_err());
}

#[test]
fn stops_in_time_although_a_request_never_ends() {
    let folder = Folder::configured("[server]\nshutdown_timeout = 0.5\n");
    let mut server = folder.serve();
    let mut endless = server.connect();
    let whole = request("POST", "/api/auth/login/", "{\"username\": \"ada\"}");
    endless.write_all(&whole.as_bytes()[..whole.len() - 5]).unwrap();
    assert_eq!(server.get("/healthz").status, 200);
    server.signal("TERM");
    assert_eq!(server.end().code(), Some(0));
}

#[test]
fn stops_at_once_if_told_twice() {
    let folder = Folder::new();
    let mut server = folder.serve();
    let mut endless = server.connect();
    let whole = request("POST", "/api/auth/login/", "{\"username\": \"ada\"}");
    endless.write_all(&whole.as_bytes()[..whole.len() - 5]).unwrap();
    assert_eq!(server.get("/healthz").status, 200);
    let begun = Instant::now();
    server.signal("INT");
    server.wait_for("stopping");
    server.signal("INT");
    assert_eq!(server.end().code(), Some(0));
    assert!(begun.elapsed() < Duration::from_secs(15), "it waited for the request");
}

#[test]
fn signals_that_mean_nothing_do_nothing() {
    let folder = Folder::new();
    let mut server = folder.serve();
    for name in ["HUP", "USR1", "USR2", "PIPE", "ALRM", "IO", "XFSZ", "VTALRM", "PROF", "WINCH"] {
        server.signal(name);
        assert_eq!(server.get("/healthz").status, 200, "{name}");
    }
    server.signal("TERM");
    assert_eq!(server.end().code(), Some(0));
}

#[test]
fn an_address_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let outcome = Folder::new().run(&["serve", "--bind", &address], "");
    assert_eq!(outcome.status, 1);
    assert!(outcome.stderr.contains(&address), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("server.bind"), "{}", outcome.stderr);
}

#[test]
fn logs_json_for_machines() {
    let folder = Folder::configured("[log]\nformat = \"json\"\n");
    let server = folder.serve();
    let lines = &server.said;
    assert!(lines.iter().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()));
}

#[test]
fn the_path_of_a_mailed_link_is_not_logged() {
    let links = [
        "/api/auth/password-reset/confirm/1/the-token/",
        "/api/auth/registration/account-confirm-email/the-token/",
        "/the-token",
    ];
    let settings = [
        ("", 404),
        ("[server]\nallowed_hosts = [\"auth.example.com\"]\n", 400),
        ("[secure]\nssl_redirect = true\n", 301),
    ];
    for (settings, status) in settings {
        let folder = Folder::configured(settings);
        let mut server = folder.serve();
        for link in links {
            assert_eq!(server.get(link).status, status, "{settings}");
        }
        server.get("/api/auth/user/");
        server.wait_for("/api/auth/user/");
        assert!(server.has_said(&format!("status={status}")), "{:#?}", server.said);
        assert!(!server.has_said("the-token"), "{:#?}", server.said);
    }
}

#[test]
fn the_page_of_a_mailed_link_is_logged_without_its_secret() {
    let folder = Folder::configured("[log]\nlevel = \"trace\"\n");
    let mut server = folder.serve();
    for (page, shown) in [
        ("/password-reset/confirm/1/the-token/", "/password-reset/confirm/{uid}/{token}/"),
        (
            "/registration/account-confirm-email/the-token",
            "/registration/account-confirm-email/{key}/",
        ),
    ] {
        for (method, is_expected) in [("GET", "status=404"), ("POST", "status=40")] {
            exchange(server.connect(), &request(method, page, "{}"));
            let line = server.wait_for(shown);
            assert!(line.contains(is_expected), "{line}");
        }
    }
    assert!(!server.has_said("the-token"), "{:#?}", server.said);
}

#[test]
fn a_new_database_belongs_to_its_owner_alone() {
    let folder = Folder::new();
    let server = folder.serve();
    assert_eq!(server.get("/readyz").status, 200);
    for file in ["rest-auth.sqlite3", "rest-auth.sqlite3-wal", "rest-auth.sqlite3-shm"] {
        let mode = folder.path().join(file).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

#[test]
fn probes_need_no_host_that_is_allowed() {
    let folder = Folder::configured("[server]\nallowed_hosts = [\"auth.example.com\"]\n");
    let server = folder.serve();
    assert_eq!(server.get("/healthz").status, 200);
    assert_eq!(server.get("/api/auth/user/").status, 400);
}

#[test]
fn the_address_that_it_prints_shows_where_to_read_on() {
    let folder = Folder::configured("");
    let server = folder.serve();
    assert!(server.has_said("configuration: auth.toml"), "{:#?}", server.said);
    assert!(server.url.ends_with("/api/auth/"), "{}", server.url);
    for (path, link) in [("/api/auth/", "href=\"docs/\""), ("/api/auth", "href=\"auth/docs/\"")] {
        let page = server.get(path);
        assert_eq!(page.status, 200, "{}", page.head);
        assert!(page.body.contains(link), "{}", page.body);
    }
    assert_eq!(server.get("/api/auth/docs/").status, 200);
    assert_eq!(server.get("/api/").status, 404);
    let root = server.get("/");
    assert_eq!(root.status, 302, "{}", root.head);
    assert!(root.head.contains("\r\nlocation: api/auth/\r\n"), "{}", root.head);
}

#[test]
fn a_refusal_says_in_the_log_what_was_compared() {
    let folder = Folder::configured(
        "[server]\npublic_url = \"https://auth.example.com\"\nallowed_hosts = [\"localhost\"]\n",
    );
    let mut server = folder.serve();
    let send = |host: &str, origin: &str| {
        let stream = server.connect();
        let head = format!("Host: {host}\r\nOrigin: {origin}\r\n");
        let whole = request("POST", "/api/auth/login/", "{}");
        exchange(stream, &whole.replace("Host: localhost\r\n", &head)).status
    };
    assert_eq!(send("evil.example", "https://auth.example.com"), 400);
    assert_eq!(send("localhost", "https://evil.example"), 403);
    assert_eq!(send("localhost", "https://localhost"), 403);
    assert_eq!(send("localhost", "https://auth.example.com"), 400, "the form is empty");
    let host = server.wait_for("host_refused");
    assert!(host.contains("evil.example") && host.contains("server.allowed_hosts"), "{host}");
    let origin = server.wait_for("origin_refused");
    for part in ["https://evil.example", "http://localhost", "csrf.trusted_origins"] {
        assert!(origin.contains(part), "{part}: {origin}");
    }
    let scheme = server.wait_for("origin_refused");
    assert!(scheme.contains("secure.proxy_ssl_header"), "{scheme}");
}
