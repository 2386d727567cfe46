//! dj-rest-auth's own tests, asked of this server over HTTP on a database that Django has made.
//! As they stand they keep a session; the harness has them log in by a token and by JWT, too.

use std::path::Path;
use std::process::Command;

use rest_auth_store::Backend;
use rest_auth_store::testing::TestDatabase;
use tokio::runtime::Runtime;

#[test]
#[cfg_attr(not(django), ignore = "needs REST_AUTH_TEST_DJANGO")]
fn all_pass_by_session_but_those_that_are_listed_on_sqlite() {
    all_pass_but_those_that_are_listed("session", Backend::Sqlite);
}

#[test]
#[cfg_attr(not(django), ignore = "needs REST_AUTH_TEST_DJANGO")]
fn all_pass_by_token_but_those_that_are_listed_on_sqlite() {
    all_pass_but_those_that_are_listed("token", Backend::Sqlite);
}

#[test]
#[cfg_attr(not(django), ignore = "needs REST_AUTH_TEST_DJANGO")]
fn all_pass_by_jwt_in_headers_but_those_that_are_listed_on_sqlite() {
    all_pass_but_those_that_are_listed("jwt", Backend::Sqlite);
}

#[test]
#[cfg_attr(not(django), ignore = "needs REST_AUTH_TEST_DJANGO")]
fn all_pass_by_jwt_in_cookies_but_those_that_are_listed_on_sqlite() {
    all_pass_but_those_that_are_listed("jwt_cookie", Backend::Sqlite);
}

#[test]
#[cfg_attr(
    not(all(django, postgres)),
    ignore = "needs REST_AUTH_TEST_DJANGO and REST_AUTH_TEST_POSTGRES_URL"
)]
fn all_pass_by_session_but_those_that_are_listed_on_postgres() {
    all_pass_but_those_that_are_listed("session", Backend::Postgres);
}

#[test]
#[cfg_attr(
    not(all(django, mysql)),
    ignore = "needs REST_AUTH_TEST_DJANGO and REST_AUTH_TEST_MYSQL_URL"
)]
fn all_pass_by_session_but_those_that_are_listed_on_mysql() {
    all_pass_but_those_that_are_listed("session", Backend::Mysql);
}

/// What a mode is said to lack, and how the harness has the tests log in there, is true of
/// dj-rest-auth: it passes in each mode what the server is asked.
#[test]
#[cfg_attr(not(django), ignore = "needs REST_AUTH_TEST_DJANGO")]
fn dj_rest_auth_itself_passes_in_each_mode_what_the_server_is_asked() {
    for mode in ["session", "token", "jwt", "jwt_cookie"] {
        let database = fresh(Backend::Sqlite);
        println!("{}", counted(&mut manage(mode, &database)));
    }
}

/// The list, with the reasons, is `exceptions.py` in `tests/django/own_tests`.
fn all_pass_but_those_that_are_listed(mode: &str, backend: Backend) {
    let database = fresh(backend);
    let mut manage = manage(mode, &database);
    manage.env("REST_AUTH_BINARY", Path::new(env!("CARGO_BIN_EXE_rest-auth")));
    println!("{} ({backend:?})", counted(&mut manage));
}

fn fresh(backend: Backend) -> TestDatabase {
    Runtime::new().unwrap().block_on(TestDatabase::fresh(backend)).unwrap()
}

/// Django's command that runs the tests in a mode of the harness.
#[expect(clippy::disallowed_methods, reason = "tests are told by the environment what to run on")]
fn manage(mode: &str, database: &TestDatabase) -> Command {
    let command = std::env::var("REST_AUTH_TEST_DJANGO").unwrap();
    let mut words = command.split_whitespace();
    let mut manage = Command::new(words.next().unwrap());
    manage.args(words).arg("test").env("DJANGO_SETTINGS_MODULE", "own_tests.settings");
    manage.env("OWN_TESTS_MODE", mode).env("DATABASE_URL", database.url());
    manage
}

/// Runs it, and says how many tests passed.
fn counted(manage: &mut Command) -> String {
    let output = manage.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{errors}");
    let count = said.lines().find(|line| line.contains("cannot go over HTTP"));
    count.unwrap_or_else(|| panic!("no count in {said}\n{errors}")).to_owned()
}
