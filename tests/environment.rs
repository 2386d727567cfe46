//! What of the environment the build scripts tell the tests: part of the build scripts of the
//! crates whose tests need a server or a program that is not everywhere.

use std::env;

/// The `cfg` of each thing that tests may need, and the variable that names it.
const NEEDED: [(&str, &str); 16] = [
    ("chromedriver", "REST_AUTH_TEST_CHROMEDRIVER"),
    ("django", "REST_AUTH_TEST_DJANGO"),
    ("examples", "REST_AUTH_TEST_EXAMPLES"),
    ("mariadbd", "REST_AUTH_TEST_MARIADBD"),
    ("mysql", "REST_AUTH_TEST_MYSQL_URL"),
    ("nginx", "REST_AUTH_TEST_NGINX"),
    ("openid", "REST_AUTH_TEST_OPENID"),
    ("openid_allauth", "REST_AUTH_TEST_OPENID_ALLAUTH"),
    ("openid_hostile", "REST_AUTH_TEST_OPENID_HOSTILE"),
    ("pgbouncer", "REST_AUTH_TEST_PGBOUNCER"),
    ("postgres", "REST_AUTH_TEST_POSTGRES_URL"),
    ("postgres_bin", "REST_AUTH_TEST_POSTGRES_BIN"),
    ("redis", "REST_AUTH_TEST_REDIS_URL"),
    ("smtp", "REST_AUTH_TEST_SMTP"),
    ("spa", "REST_AUTH_TEST_SPA"),
    ("webauthn", "REST_AUTH_TEST_WEBAUTHN"),
];

/// Sets a `cfg` for each of these that is there: a test without what it needs is reported as
/// ignored, and not as passed. A crate names what its own tests need, since it is compiled again
/// when one of them changes.
///
/// # Panics
/// When one of the names is not known.
pub(crate) fn declare(names: &[&str]) {
    for name in names {
        let needed = NEEDED.iter().find(|(known, _)| known == name);
        let (_, variable) = needed.unwrap_or_else(|| panic!("nothing is called {name}"));
        println!("cargo::rustc-check-cfg=cfg({name})");
        println!("cargo::rerun-if-env-changed={variable}");
        if env::var_os(variable).is_some_and(|value| !value.is_empty()) {
            println!("cargo::rustc-cfg={name}");
        }
    }
}
