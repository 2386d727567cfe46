//! The Django project that is taken over: its database, its settings and what is true of both.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use rest_auth_domain::signing::SecretKeys;
use rest_auth_store::testing::{Content, Row};
use rest_auth_tests::contract::merged;
use rest_auth_tests::data;
use rest_auth_tests::server::Server;
use serde_json::{Map, Value, json};
use tempfile::TempDir;

/// The project, as the file beside its database describes it.
pub(crate) struct Project {
    database: PathBuf,
    facts: Value,
}

/// A copy of the database, which nobody has touched yet.
pub(crate) struct Copy {
    folder: TempDir,
}

impl Project {
    pub(crate) fn load() -> Self {
        let database = data::takeover();
        let text = std::fs::read_to_string(database.with_extension("json"));
        let facts = serde_json::from_str(&text.expect("the project is described"));
        Self { database, facts: facts.expect("the description is JSON") }
    }

    /// One of the facts.
    pub(crate) fn fact(&self, name: &str) -> &Value {
        self.facts.get(name).unwrap_or_else(|| panic!("the description has no {name:?}"))
    }

    /// A list among the facts.
    ///
    /// # Panics
    /// If it is empty, for then a test would prove nothing.
    pub(crate) fn list(&self, path: &str) -> &[Value] {
        let list = self.facts.pointer(path).and_then(Value::as_array);
        let list = list.unwrap_or_else(|| panic!("the description has no list {path:?}"));
        assert!(!list.is_empty(), "the list {path:?} is empty");
        list
    }

    /// The description of a user.
    pub(crate) fn user(&self, id: &Value) -> &Value {
        let user = self.list("/users").iter().find(|user| user["id"] == *id);
        user.unwrap_or_else(|| panic!("no user {id} is described"))
    }

    /// The names of the configurations whose default authentication classes hold `class`.
    pub(crate) fn variants_with(&self, class: &str) -> Vec<&str> {
        let variants = self.fact("profiles").as_object().expect("configurations");
        let has = |config: &Value| {
            let classes = config.pointer("/REST_FRAMEWORK/DEFAULT_AUTHENTICATION_CLASSES");
            let classes = classes.and_then(Value::as_array).into_iter().flatten();
            classes.filter_map(Value::as_str).any(|known| known.ends_with(class))
        };
        let names = variants.iter().filter(|(_, config)| has(config)).map(|(name, _)| &**name);
        let names: Vec<_> = names.collect();
        assert!(!names.is_empty(), "no configuration has {class}");
        names
    }

    /// A moment soon after the project's last change: its own clock went on while it worked.
    pub(crate) fn moment(&self) -> DateTime<Utc> {
        let since = self.facts["meta"]["created_as_of"].as_str().expect("a time");
        let since: DateTime<Utc> = since.parse().expect("a time as in RFC 3339");
        since + TimeDelta::days(30)
    }

    /// The project's secret keys.
    pub(crate) fn keys(&self) -> SecretKeys {
        let settings = self.fact("settings");
        let former = settings["SECRET_KEY_FALLBACKS"].as_array().into_iter().flatten();
        let former = former.filter_map(Value::as_str).map(str::to_owned).collect();
        SecretKeys::new(settings["SECRET_KEY"].as_str().expect("a key"), former)
    }

    /// What an administrator writes down of the project under one of its configurations.
    pub(crate) fn config(&self, variant: &str) -> Value {
        let own = &self.fact("profiles")[variant];
        assert!(own.is_object(), "the description has no configuration {variant:?}");
        let base = json!({
            "profile": "django",
            "server": {"base_path": "/"},
            "apps": {"token_blacklist": true},
            "auth": {"pbkdf2_iterations": self.fact("pbkdf2_iterations")},
        });
        merged(&merged(&base, &written(self.fact("settings"))), &written(own))
    }

    pub(crate) fn copy(&self) -> Copy {
        let folder = TempDir::new().expect("a folder");
        let copy = Copy { folder };
        let content = std::fs::read(&self.database).expect("the project's database");
        std::fs::write(copy.path(), content).expect("a copy of it");
        copy
    }

    /// A server on a copy of its own, in the spelling of one of the project's configurations.
    pub(crate) async fn server(&self, variant: &str) -> (Copy, Arc<Server>) {
        let copy = self.copy();
        let server = copy.serve(&self.config(variant), self).await;
        (copy, server)
    }
}

/// Python's settings as TOML can hold them. The second factor is left out: it is not offered yet.
fn written(settings: &Value) -> Value {
    let Value::Object(settings) = settings else { return settings.clone() };
    let kept = settings.iter().filter(|(name, _)| !name.starts_with("MFA_"));
    let kept = kept.filter_map(|(name, value)| match (name.as_str(), value) {
        ("TOKEN_MODEL", Value::Null) => Some((name.clone(), Value::from(false))),
        (_, Value::Null) => None,
        _ => Some((name.clone(), written(value))),
    });
    Value::Object(kept.collect::<Map<_, _>>())
}

impl Copy {
    /// Starts a server on it.
    pub(crate) async fn serve(&self, config: &Value, project: &Project) -> Arc<Server> {
        let config = merged(config, &json!({"database": {"url": self.url()}}));
        let server = Server::start_at(&config, project.moment()).await;
        Arc::new(server.expect("the server starts"))
    }

    /// Everything in it.
    pub(crate) async fn content(&self) -> Content {
        Content::read(&self.url()).await.expect("the copy can be read")
    }

    /// The rows of a table that have this value in a column.
    pub(crate) async fn rows(&self, table: &str, column: &str, value: &Value) -> Vec<Row> {
        let wanted = literal(value);
        let mut content = self.content().await;
        let rows = content.0.remove(table).unwrap_or_else(|| panic!("no table {table}"));
        rows.into_iter().filter(|row| row[column] == wanted).collect()
    }

    /// The stored password of a user.
    pub(crate) async fn password_of(&self, id: &Value) -> String {
        let rows = self.rows("auth_user", "id", id).await;
        rows[0]["password"].trim_matches('\'').to_owned()
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("project.sqlite3")
    }

    fn url(&self) -> String {
        format!("sqlite://{}", self.path().display())
    }
}

/// A value as SQL has it.
pub(crate) fn literal(value: &Value) -> String {
    match value {
        Value::String(text) => format!("'{}'", text.replace('\'', "''")),
        other => other.to_string(),
    }
}

/// A text among the facts.
pub(crate) fn text<'a>(of: &'a Value, name: &str) -> &'a str {
    of[name].as_str().unwrap_or_else(|| panic!("no text {name:?} in {of}"))
}

/// Fails with all that went wrong, if anything did.
#[track_caller]
pub(crate) fn assert_none(failures: &[String]) {
    assert!(failures.is_empty(), "{} fail\n  {}", failures.len(), failures.join("\n  "));
}
