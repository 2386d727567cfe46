//! Tells the tests at compile time what the environment names, so that tests which need a server
//! that is not there are reported as ignored and not as passed. The program does not look at it.

use std::env;
use std::process::{Command, Stdio};

/// The `cfg` of each thing that tests may need, and the variable that names it.
const NEEDED: [(&str, &str); 10] = [
    ("django", "REST_AUTH_TEST_DJANGO"),
    ("examples", "REST_AUTH_TEST_EXAMPLES"),
    ("mariadbd", "REST_AUTH_TEST_MARIADBD"),
    ("mysql", "REST_AUTH_TEST_MYSQL_URL"),
    ("nginx", "REST_AUTH_TEST_NGINX"),
    ("pgbouncer", "REST_AUTH_TEST_PGBOUNCER"),
    ("postgres", "REST_AUTH_TEST_POSTGRES_URL"),
    ("postgres_bin", "REST_AUTH_TEST_POSTGRES_BIN"),
    ("smtp", "REST_AUTH_TEST_SMTP"),
    ("spa", "REST_AUTH_TEST_SPA"),
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    for (name, variable) in NEEDED {
        println!("cargo::rustc-check-cfg=cfg({name})");
        println!("cargo::rerun-if-env-changed={variable}");
        if env::var_os(variable).is_some_and(|value| !value.is_empty()) {
            println!("cargo::rustc-cfg={name}");
        }
    }
    println!("cargo::rustc-check-cfg=cfg(own_mounts)");
    if may_mount() {
        println!("cargo::rustc-cfg=own_mounts");
    }
}

/// Whether a process may have file systems of its own, as in a namespace of Linux.
fn may_mount() -> bool {
    let mount = ["-rm", "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", "/mnt"];
    let tried = Command::new("unshare").args(mount).stderr(Stdio::null()).status();
    tried.is_ok_and(|status| status.success())
}
