//! Tells the tests at compile time what the environment names. The program does not look at it.

#[path = "../../tests/environment.rs"]
mod environment;

use std::process::{Command, Stdio};

/// What the tests of the program need.
const NEEDED: [&str; 10] = [
    "django",
    "examples",
    "mariadbd",
    "mysql",
    "nginx",
    "pgbouncer",
    "postgres",
    "postgres_bin",
    "smtp",
    "spa",
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=../../tests/environment.rs");
    environment::declare(&NEEDED);
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
