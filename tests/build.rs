//! Tells the tests at compile time which servers the environment names, so that tests which need
//! one that is not there are reported as ignored and not as passed.

use std::env;

/// The `cfg` of each server, and the variable that names it.
const SERVERS: [(&str, &str); 6] = [
    ("postgres", "REST_AUTH_TEST_POSTGRES_URL"),
    ("mysql", "REST_AUTH_TEST_MYSQL_URL"),
    ("redis", "REST_AUTH_TEST_REDIS_URL"),
    ("openid", "REST_AUTH_TEST_OPENID"),
    ("chromedriver", "REST_AUTH_TEST_CHROMEDRIVER"),
    ("webauthn", "REST_AUTH_TEST_WEBAUTHN"),
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    for (name, variable) in SERVERS {
        println!("cargo::rustc-check-cfg=cfg({name})");
        println!("cargo::rerun-if-env-changed={variable}");
        if env::var_os(variable).is_some_and(|value| !value.is_empty()) {
            println!("cargo::rustc-cfg={name}");
        }
    }
}
