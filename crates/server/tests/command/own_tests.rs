//! dj-rest-auth's own tests, asked of this server over HTTP on a database that Django has made.

use std::path::Path;
use std::process::Command;

use rest_auth_store::Backend;
use rest_auth_store::testing::TestDatabase;
use tokio::runtime::Runtime;

#[test]
#[cfg_attr(not(django), ignore = "needs REST_AUTH_TEST_DJANGO")]
fn all_pass_but_those_that_are_listed_on_sqlite() {
    all_pass_but_those_that_are_listed(Backend::Sqlite);
}

#[test]
#[cfg_attr(
    not(all(django, postgres)),
    ignore = "needs REST_AUTH_TEST_DJANGO and REST_AUTH_TEST_POSTGRES_URL"
)]
fn all_pass_but_those_that_are_listed_on_postgres() {
    all_pass_but_those_that_are_listed(Backend::Postgres);
}

#[test]
#[cfg_attr(
    not(all(django, mysql)),
    ignore = "needs REST_AUTH_TEST_DJANGO and REST_AUTH_TEST_MYSQL_URL"
)]
fn all_pass_but_those_that_are_listed_on_mysql() {
    all_pass_but_those_that_are_listed(Backend::Mysql);
}

/// The list, with the reasons, is `exceptions.py` in `tests/django/own_tests`.
#[expect(clippy::disallowed_methods, reason = "tests are told by the environment what to run on")]
fn all_pass_but_those_that_are_listed(backend: Backend) {
    let database = Runtime::new().unwrap().block_on(TestDatabase::fresh(backend)).unwrap();
    let command = std::env::var("REST_AUTH_TEST_DJANGO").unwrap();
    let mut words = command.split_whitespace();
    let program = words.next().unwrap();
    let mut manage = Command::new(program);
    manage.args(words).arg("test").env("DJANGO_SETTINGS_MODULE", "own_tests.settings");
    manage.env("DATABASE_URL", database.url());
    manage.env("REST_AUTH_BINARY", Path::new(env!("CARGO_BIN_EXE_rest-auth")));
    let output = manage.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{errors}");
    let counted = said.lines().find(|line| line.starts_with("dj-rest-auth: "));
    println!("{} ({backend:?})", counted.unwrap_or_else(|| panic!("no count in {said}\n{errors}")));
}
