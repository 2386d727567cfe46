//! The values in force, and where each comes from.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use crate::composition::Composition;
use crate::toml_text;

/// Every value with its source, secrets masked, as a TOML file with comments.
#[must_use]
pub fn show(settings: &impl Composition) -> String {
    let mut out = format!("profile = \"{}\"", settings.profile().as_str());
    let _ = writeln!(out, "  # {}", settings.origins().of("profile"));
    let mut last_table = "";
    for section in settings.sections() {
        let built: Vec<_> = section.keys().into_iter().filter(|k| k.unbuilt.is_none()).collect();
        if section.table() != last_table && !built.is_empty() {
            let _ = writeln!(out, "\n[{}]", section.table());
            last_table = section.table();
        }
        for key in built {
            let value = section.show(key.name).unwrap_or_default();
            let origin = settings.origins().of(&format!("{}.{}", section.table(), key.name));
            let _ = writeln!(out, "{} = {}  # {origin}", key.name, toml_text::literal(&value));
        }
    }
    out
}

/// Every value by its name, secrets masked.
#[must_use]
pub fn values(settings: &impl Composition) -> BTreeMap<String, Value> {
    let mut values = BTreeMap::new();
    for section in settings.sections() {
        for key in section.keys() {
            let name = format!("{}.{}", section.table(), key.name);
            values.insert(name, section.show(key.name).unwrap_or_default());
        }
    }
    values
}
