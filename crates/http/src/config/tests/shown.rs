//! The example, the schema and the values, as they are shown.

use std::path::Path;

use rest_auth_settings::show::values;
use rest_auth_settings::{Profile, Severity, example, schema, show};
use serde_json::{Value, json};

use crate::config::{ConfigFile, Settings, load};

/// The file with every key uncommented.
fn uncommented(profile: Profile) -> String {
    let key = |line: &str| match line.strip_prefix('#') {
        Some(rest) if !rest.starts_with(' ') => format!("{rest}\n"),
        _ => format!("{line}\n"),
    };
    example::<Settings>(profile).lines().map(key).collect()
}

#[test]
fn sets_exactly_the_defaults() {
    for profile in [Profile::Strict, Profile::Django] {
        let content = uncommented(profile);
        let file = ConfigFile { path: Path::new("example.toml"), content: &content };
        let loaded = load(Some(file), std::iter::empty());
        // Here is no database of a project, which a file that names one must have.
        let mut errors = loaded.findings.clone();
        errors.retain(|found| found.severity == Severity::Error && found.key != "database.url");
        assert_eq!(errors, []);
        assert_eq!(values(&loaded.settings), values(&Settings::defaults(profile)));
    }
}

#[test]
fn as_it_stands_it_sets_nothing_but_the_profile() {
    let content = example::<Settings>(Profile::Django);
    let file = ConfigFile { path: Path::new("example.toml"), content: &content };
    let loaded = load(Some(file), std::iter::empty());
    assert_eq!(loaded.settings.profile, Profile::Django);
    assert!(!loaded.settings.origins.has_table("i18n"));
    assert!(!loaded.settings.i18n.negotiate_language);
}

#[test]
fn no_line_is_too_long_to_read() {
    for line in example::<Settings>(Profile::Strict).lines().filter(|line| line.starts_with("# ")) {
        assert!(line.chars().count() <= 110, "{line}");
    }
}

#[test]
fn describes_every_key_that_can_be_set() {
    let document: Value = serde_json::from_str(&schema::<Settings>()).unwrap();
    let server = &document["properties"]["server"]["properties"];
    assert_eq!(server["bind"]["default"], "127.0.0.1:8000");
    assert_eq!(server["allowed_hosts"]["type"], "array");
    assert_eq!(server["secret_key_file"]["type"], "string");
    let auth = &document["properties"]["auth"]["properties"];
    assert_eq!(auth["bcrypt_rounds"]["maximum"], 31.0);
    let apps = &document["properties"]["mfa"]["properties"];
    assert_eq!(apps["enforce"]["enum"], json!(["password", "everywhere"]));
    assert!(apps.get("totp_tolerance").is_none(), "it cannot be set");
}

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
