//! The values that hold, and where each comes from.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use super::settings::Settings;
use super::toml_text;

/// Every value with its source, secrets masked, as a TOML file with comments.
#[must_use]
pub fn show(settings: &Settings) -> String {
    let mut out = format!("profile = \"{}\"", settings.profile.as_str());
    let _ = writeln!(out, "  # {}", settings.origin("profile"));
    let mut last_table = "";
    for section in settings.sections() {
        let built: Vec<_> = section.keys().into_iter().filter(|k| k.unbuilt.is_none()).collect();
        if section.table() != last_table && !built.is_empty() {
            let _ = writeln!(out, "\n[{}]", section.table());
            last_table = section.table();
        }
        for key in built {
            let value = section.show(key.name).unwrap_or_default();
            let origin = settings.origin(&format!("{}.{}", section.table(), key.name));
            let _ = writeln!(out, "{} = {}  # {origin}", key.name, toml_text::literal(&value));
        }
    }
    out
}

/// Every value by its name, secrets masked.
#[must_use]
pub fn values(settings: &Settings) -> BTreeMap<String, Value> {
    let mut values = BTreeMap::new();
    for section in settings.sections() {
        for key in section.keys() {
            let name = format!("{}.{}", section.table(), key.name);
            values.insert(name, section.show(key.name).unwrap_or_default());
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::load::{ConfigFile, load};

    #[test]
    fn tells_the_source_and_hides_secrets() {
        let content = "[server]\nsecret_key = \"correct horse battery staple, five times over\"\n";
        let file = ConfigFile { path: Path::new("auth.toml"), content };
        let variable = ("REST_AUTH__LOG__LEVEL".to_owned(), "debug".to_owned());
        let text = show(&load(Some(file), std::iter::once(variable)).settings);
        assert!(text.contains("secret_key = \"********\"  # auth.toml:2:1\n"), "{text}");
        assert!(text.contains("level = \"debug\"  # REST_AUTH__LOG__LEVEL\n"));
        assert!(text.contains("format = \"text\"  # default\n"));
        assert!(text.contains("cookie_secure = false  # follows from server.public_url\n"));
        assert!(!text.contains("horse"));
    }
}
