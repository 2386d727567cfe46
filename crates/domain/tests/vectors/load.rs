//! Reads the vectors and reports every one that fails by name.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::LazyLock;

use serde_json::Value;

/// One recorded case: what went into the real stack and what came out.
pub(crate) struct Vector {
    pub(crate) name: String,
    pub(crate) inputs: Value,
    pub(crate) expected: Value,
}

impl Vector {
    /// An input that must be there and be text.
    pub(crate) fn text(&self, key: &str) -> &str {
        self.inputs[key].as_str().unwrap_or_else(|| panic!("{}: no text {key:?}", self.name))
    }

    /// Whether the real stack failed here; ours must refuse instead.
    pub(crate) fn raises(&self) -> bool {
        self.expected.get("raises").is_some()
    }
}

static VECTORS: LazyLock<BTreeMap<String, Vec<Vector>>> = LazyLock::new(|| {
    let path = path();
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut document: Value = serde_json::from_str(&text).unwrap();
    let mut areas: BTreeMap<String, Vec<Vector>> = BTreeMap::new();
    for vector in document["vectors"].as_array_mut().unwrap() {
        areas.entry(vector["area"].as_str().unwrap().to_owned()).or_default().push(Vector {
            name: vector["name"].as_str().unwrap().to_owned(),
            inputs: vector["inputs"].take(),
            expected: vector["expected"].take(),
        });
    }
    areas
});

/// Runs `check` on every vector of an area; it returns what differs.
///
/// # Panics
/// With the names of all vectors that failed, or if there are none of this area.
pub(crate) fn each(area: &str, check: impl Fn(&Vector) -> Result<(), String>) {
    let vectors = VECTORS.get(area).unwrap_or_else(|| panic!("no vectors of area {area}"));
    let failures: Vec<String> = vectors
        .iter()
        .filter_map(|v| check(v).err().map(|difference| format!("  {}: {difference}", v.name)))
        .collect();
    let (failed, all) = (failures.len(), vectors.len());
    assert!(failures.is_empty(), "{area}: {failed} of {all} fail\n{}", failures.join("\n"));
}

/// `Ok` if both are equal, else what was wanted and what came.
pub(crate) fn equal<T: PartialEq + std::fmt::Debug>(actual: &T, wanted: &T) -> Result<(), String> {
    if actual == wanted { Ok(()) } else { Err(format!("got {actual:?}, wanted {wanted:?}")) }
}

fn path() -> PathBuf {
    std::env::var_os("REST_AUTH_TEST_VECTORS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/interop/vectors.json"),
        PathBuf::from,
    )
}
