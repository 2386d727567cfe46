//! `examples/phone` does what it shows.

use std::path::Path;
use std::process::Command;

use crate::harness::Folder;

/// Runs the example, with the arguments of its script.
fn run(arguments: &[&Path]) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let output = Command::new(root.join("examples/phone/run"))
        .args(arguments)
        .env("REST_AUTH_BINARY", env!("CARGO_BIN_EXE_rest-auth"))
        .env("REST_AUTH_EXAMPLES", Path::new(env!("CARGO_TARGET_TMPDIR")).join("examples"))
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success(), "{said}");
}

/// What the clients need is installed once, so that one test runs both.
#[test]
#[cfg_attr(not(examples), ignore = "needs REST_AUTH_TEST_EXAMPLES")]
fn the_clients_of_the_phone_example_keep_renew_and_end_their_logins() {
    run(&[]);
    let folder = Folder::new();
    let options = ["init", "--front-end", "phone", "--url", "https://auth.example.com"];
    let rest = ["--database", "sqlite", "--mail", "console", "--sender", "a@example.com"];
    folder.run(&[&options[..], &rest].concat(), "").ok();
    run(&[&folder.path().join("rest-auth.toml")]);
    let database = folder.path().join("rest-auth.sqlite3");
    assert!(!database.exists(), "accounts of the tests are in the database of the configuration");
}
