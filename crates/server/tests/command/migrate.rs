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
    let server = folder.serve();
    assert!(server.has_said("rest-auth migrate"), "{:#?}", server.said);
    let waiting = server.get("/readyz");
    assert_eq!(waiting.status, 503);
    assert!(waiting.json()["reason"].as_str().unwrap().contains("rest-auth migrate"));
    assert_eq!(server.get("/healthz").status, 200);
    let refused = folder.run(&["user", "list"], "");
    assert_eq!(refused.status, 1);
    assert!(refused.stderr.contains("rest-auth migrate"), "{}", refused.stderr);
    folder.run(&["migrate"], "").ok();
    assert_eq!(server.get("/readyz").status, 200);
}

#[test]
fn a_database_that_is_not_there_is_named_by_its_key() {
    let folder = Folder::configured("[database]\nurl = \"sqlite:///no/such/folder/a.sqlite3\"\n");
    let outcome = folder.run(&["migrate"], "");
    assert_eq!(outcome.status, 1);
    assert!(outcome.stderr.contains("database.url"), "{}", outcome.stderr);
}
