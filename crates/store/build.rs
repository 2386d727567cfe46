//! Tells the tests at compile time what the environment names, so that tests which need a server
//! that is not there are reported as ignored and not as passed, and which schema the migrations
//! make, so that tests use a database again only under the same. The library looks at neither.

use std::env;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io;
use std::path::Path;

/// The `cfg` of each thing that tests may need, and the variable that names it.
const NEEDED: [(&str, &str); 3] = [
    ("postgres", "REST_AUTH_TEST_POSTGRES_URL"),
    ("mysql", "REST_AUTH_TEST_MYSQL_URL"),
    ("django", "REST_AUTH_TEST_DJANGO"),
];

/// Where the migrations are.
const MIGRATIONS: &str = "../../migration/src";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    for (name, variable) in NEEDED {
        println!("cargo::rustc-check-cfg=cfg({name})");
        println!("cargo::rerun-if-env-changed={variable}");
        if env::var_os(variable).is_some_and(|value| !value.is_empty()) {
            println!("cargo::rustc-cfg={name}");
        }
    }
    println!("cargo::rerun-if-changed={MIGRATIONS}");
    let mut hasher = DefaultHasher::new();
    hash(Path::new(MIGRATIONS), &mut hasher)?;
    println!("cargo::rustc-env=REST_AUTH_TEST_SCHEMA={:016x}", hasher.finish());
    Ok(())
}

/// Hashes the names and contents of all files in a folder.
fn hash(folder: &Path, hasher: &mut DefaultHasher) -> io::Result<()> {
    let entries = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path()));
    let mut paths = entries.collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    for path in paths {
        path.hash(hasher);
        if path.is_dir() {
            hash(&path, hasher)?;
        } else {
            fs::read(&path)?.hash(hasher);
        }
    }
    Ok(())
}
