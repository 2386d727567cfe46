//! `rest-auth migrate`

use crate::harness::Folder;

#[test]
fn applies_what_is_pending_once() {
    let folder = Folder::configured("");
    let before = folder.run(&["migrate", "--status"], "").ok();
    assert!(before.stdout.contains("pending m20261128_000001_"), "{}", before.stdout);
    let first = folder.run(&["migrate"], "").ok();
    assert!(first.stdout.contains("applied m20261128_000001_"), "{}", first.stdout);
    let second = folder.run(&["migrate"], "").ok();
    assert!(!second.stdout.contains("applied"), "{}", second.stdout);
    let after = folder.run(&["migrate", "--status"], "").ok();
    assert!(after.stdout.contains("applied m20261128_000001_"), "{}", after.stdout);
    assert!(!after.stdout.contains("pending"), "{}", after.stdout);
    assert!(after.stdout.contains("up to date"), "{}", after.stdout);
}

#[test]
fn a_server_that_must_not_migrate_starts_and_is_not_ready_until_somebody_has() {
    let folder = Folder::configured("[database]\nmigrate_on_start = false\n");
    let mut server = folder.serve();
    assert!(server.has_said("rest-auth migrate"), "{:#?}", server.said);
    let login = serde_json::json!({"username": "ada", "password": "correct horse"});
    let answer = server.post("login/", &login);
    assert_eq!(answer.status, 503, "{}", answer.body);
    assert!(answer.head.contains("retry-after: 5"), "{}", answer.head);
    assert_eq!(answer.json()["detail"], "Server is busy. Try again later.");
    let waiting = server.get("/readyz");
    assert_eq!(waiting.status, 503);
    assert!(waiting.json()["reason"].as_str().unwrap().contains("rest-auth migrate"));
    assert_eq!(server.get("/healthz").status, 200);
    let refused = folder.run(&["user", "list"], "");
    assert_eq!(refused.status, 1);
    assert!(refused.stderr.contains("rest-auth migrate"), "{}", refused.stderr);
    folder.run(&["migrate"], "").ok();
    assert_eq!(server.get("/readyz").status, 200);
    assert_eq!(server.post("login/", &login).status, 400);
    server.wait_for("the database is migrated");
    let errors = server.said.iter().filter(|line| line.contains("ERROR"));
    assert_eq!(errors.collect::<Vec<_>>(), Vec::<&String>::new());
    let pending = server.said.iter().filter(|line| line.contains("answered with 503"));
    assert_eq!(pending.count(), 1, "{:#?}", server.said);
}

#[test]
fn a_database_that_is_not_there_is_named_by_its_key() {
    let folder = Folder::configured("[database]\nurl = \"sqlite:///no/such/folder/a.sqlite3\"\n");
    let outcome = folder.run(&["migrate"], "");
    assert_eq!(outcome.status, 1);
    assert!(outcome.stderr.contains("database.url"), "{}", outcome.stderr);
}
