//! Tells the tests at compile time what the environment names, and which schema the migrations make,
//! so that tests use a database again only under the same. The library looks at neither.

#[path = "../../tests/environment.rs"]
mod environment;

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io;
use std::path::Path;

/// Where the migrations are.
const MIGRATIONS: &str = "../../migration/src";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=../../tests/environment.rs");
    environment::declare(&["postgres", "mysql", "django"]);
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
