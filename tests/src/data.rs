//! Where the recorded data is: in this repository, or where a variable of the environment says.

use std::env;
use std::path::{Path, PathBuf};

/// The folder of the recorded conversations: `REST_AUTH_TEST_CONTRACT`, or our copy.
#[must_use]
pub fn contract() -> PathBuf {
    given("REST_AUTH_TEST_CONTRACT", "contract")
}

/// The file of the vectors: `REST_AUTH_TEST_VECTORS`, or our copy.
#[must_use]
pub fn vectors() -> PathBuf {
    given("REST_AUTH_TEST_VECTORS", "interop/vectors.json")
}

/// A database that Django wrote, with a JSON file of the same name beside it:
/// `REST_AUTH_TEST_TAKEOVER`, or our copy.
#[must_use]
pub fn takeover() -> PathBuf {
    given("REST_AUTH_TEST_TAKEOVER", "interop/takeover.sqlite3")
}

fn given(variable: &str, ours: &str) -> PathBuf {
    let own = || Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(ours);
    env::var_os(variable).map_or_else(own, PathBuf::from)
}
