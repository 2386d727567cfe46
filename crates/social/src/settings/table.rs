//! What the tables of a provider and of an app are read with.

use std::collections::BTreeMap;
use std::fs;

use rest_auth_settings::value::{Json, option};
use rest_auth_settings::{Secret, ValueError, nearest};
use serde_json::Map;

/// What others call the secret of an app.
const CLIENT_SECRET: &str = "client_secret";

/// What to do about a key that is not known.
pub(super) fn hint<'k>(known: impl Iterator<Item = &'k str>, key: &str) -> String {
    match nearest::word(known.chain([CLIENT_SECRET]), key) {
        Some(CLIENT_SECRET) => "did you mean `secret`?".to_owned(),
        Some(word) => format!("did you mean `{word}`?"),
        None => "remove it".to_owned(),
    }
}

/// The table with its keys in lower case: allauth writes them in upper case.
pub(super) fn lowered(table: &Map<String, Json>) -> Map<String, Json> {
    table.iter().map(|(key, value)| (key.to_lowercase(), value.clone())).collect()
}

/// A secret, or the file that it is in.
pub(super) fn secret(table: &Map<String, Json>, name: &str) -> Result<Secret, ValueError> {
    let in_file = format!("{name}_file");
    match option::<String>(table, &in_file)? {
        Some(path) => {
            let text = fs::read_to_string(&path)
                .map_err(|error| ValueError::new(format!("`{in_file}`: {path}: {error}")))?;
            Ok(Secret::new(text.trim()))
        }
        None => Ok(option(table, name)?.unwrap_or_else(|| Secret::new(""))),
    }
}

/// The texts of a table in the table.
pub(super) fn texts(
    table: &Map<String, Json>,
    name: &str,
) -> Result<BTreeMap<String, String>, ValueError> {
    let Some(value) = table.get(name) else { return Ok(BTreeMap::new()) };
    let entries = value.as_object().ok_or_else(|| ValueError::expected("a table", value));
    let entries = entries.map_err(|error| error.within(&format!("(at {name})")))?;
    let text = |(key, value): (&String, &Json)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        (key.clone(), text)
    };
    Ok(entries.iter().map(text).collect())
}

/// The name of a member of a profile, or the names on the way to it with dots between.
pub(super) fn member(table: &Map<String, Json>, name: &str) -> Result<Option<String>, ValueError> {
    let Some(field) = option::<String>(table, name)? else { return Ok(None) };
    // One that is an address, such as `https://example.com/employee`, has dots of its own.
    let has_gap = !field.contains("://") && field.split('.').any(str::is_empty);
    if field.is_empty() || field.trim() != field || field.starts_with(['/', '$']) || has_gap {
        let cure = "write \"sub\", or the names on the way with dots between, \"user.id\"";
        let problem = format!("has a `{name}` that names no member of a profile");
        return Err(ValueError::rule(problem, cure));
    }
    Ok(Some(field))
}
