//! The nearest known key to one that is not known.

use crate::nearest::LIKENESS;
use crate::section::Section;

/// The known key that `table.key` was most likely meant to be, as `table.key`.
///
/// A key of the same name in another table comes before a similar one in the same table.
pub(crate) fn key(sections: &[&dyn Section], table: &str, key: &str) -> Option<String> {
    if let Some(name) = joined(sections, key) {
        return Some(name);
    }
    let mut best: Option<(f64, String)> = None;
    for section in sections {
        for known in section.keys() {
            if known.unbuilt.is_some() {
                continue;
            }
            let same_table = if section.table() == table { 0.05 } else { 0.0 };
            let table_likeness = strsim::jaro_winkler(section.table(), table) * 0.02;
            let likeness = likeness(known.name, key) + same_table + table_likeness;
            if likeness >= LIKENESS && best.as_ref().is_none_or(|(score, _)| likeness > *score) {
                best = Some((likeness, format!("{}.{}", section.table(), known.name)));
            }
        }
    }
    best.map(|(_, name)| name)
}

/// The key whose table and name were written as one word: `server_bind`, `account_salt`.
pub(crate) fn joined(sections: &[&dyn Section], word: &str) -> Option<String> {
    sections.iter().find_map(|section| {
        let name = word.strip_prefix(section.table())?.trim_start_matches('_');
        let is_meant = |known: &crate::section::Key| {
            known.unbuilt.is_none()
                && (known.name == name
                    || (known.has_file && name.strip_suffix("_file") == Some(known.name)))
        };
        let known = section.keys().iter().any(is_meant);
        known.then(|| format!("{}.{name}", section.table()))
    })
}

/// How alike two keys are, from 0 to 1.
fn likeness(known: &str, key: &str) -> f64 {
    // `authentication_classes` is meant for `default_authentication_classes`.
    let part = key.len() > 5 && known.contains(key);
    strsim::jaro_winkler(known, key).max(if part { 0.9 } else { 0.0 })
}
