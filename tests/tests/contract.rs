//! The recorded conversations with dj-rest-auth, replayed in both profiles on each database.

use std::env;
use std::path::Path;

use rest_auth_store::Backend;
use rest_auth_tests::contract::{self, Expectations, Options, Suite, merged};
use rest_auth_tests::data;
use rest_auth_tests::server::InProcess;
use serde_json::{Value, json};

/// What lies under the configuration of every scenario.
fn base(profile: &str) -> Value {
    json!({
        "profile": profile,
        "server": {
            "base_path": "/",
            "secret_key": "the key of the recorded conversations, which is long enough",
            "allowed_hosts": ["*"],
        },
        // A hash costs here what a test can pay.
        "auth": {"pbkdf2_iterations": 1_000, "argon2_memory_kib": 64, "argon2_time_cost": 1},
    })
}

fn expectations(of: &str) -> Expectations {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("contract.{of}.toml"));
    Expectations::load(&file).expect("the expectations can be read")
}

fn replay(profile: &str, backend: Backend) {
    let suite = Suite::load(&data::contract()).expect("the recordings can be read");
    let mut expectations = expectations(profile);
    let of_database = match backend {
        Backend::Sqlite => None,
        Backend::Postgres => Some("postgres"),
        Backend::Mysql => Some("mysql"),
    };
    let of_database = of_database.map(self::expectations).unwrap_or_default();
    expectations.expected_differences.extend(of_database.expected_differences);
    let config = Value::Object(expectations.config.clone());
    let only = env::var_os("REST_AUTH_TEST_ONLY").unwrap_or_default().into_string();
    let only = only.expect("REST_AUTH_TEST_ONLY lists globs");
    let options = Options {
        base: merged(&base(profile), &config),
        only: only.split(',').filter(|glob| !glob.is_empty()).map(str::to_owned).collect(),
        ..Options::default()
    };
    let report = contract::run(&suite, &InProcess::on(backend), &options);
    let report = expectations.without_tolerated(report);
    println!("{}", report.counts(profile));
    let mut verdict = expectations.verdict(&report);
    if env::var_os("REST_AUTH_TEST_CONTRACT").is_some() {
        // The names are those of our recordings; others need not have them.
        verdict.stale.clear();
    }
    assert!(verdict.holds(), "{verdict}");
}

#[test]
fn contract_of_the_django_profile_on_sqlite() {
    replay("django", Backend::Sqlite);
}

#[test]
fn contract_of_the_strict_profile_on_sqlite() {
    replay("strict", Backend::Sqlite);
}

#[test]
#[cfg_attr(not(postgres), ignore = "needs REST_AUTH_TEST_POSTGRES_URL")]
fn contract_of_the_django_profile_on_postgres() {
    replay("django", Backend::Postgres);
}

#[test]
#[cfg_attr(not(postgres), ignore = "needs REST_AUTH_TEST_POSTGRES_URL")]
fn contract_of_the_strict_profile_on_postgres() {
    replay("strict", Backend::Postgres);
}

#[test]
#[cfg_attr(not(mysql), ignore = "needs REST_AUTH_TEST_MYSQL_URL")]
fn contract_of_the_django_profile_on_mysql() {
    replay("django", Backend::Mysql);
}

#[test]
#[cfg_attr(not(mysql), ignore = "needs REST_AUTH_TEST_MYSQL_URL")]
fn contract_of_the_strict_profile_on_mysql() {
    replay("strict", Backend::Mysql);
}
