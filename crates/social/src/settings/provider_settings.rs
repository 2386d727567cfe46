//! The table of one provider: `[socialaccount.providers.<id>]`.

use std::collections::BTreeMap;
use std::fs;

use rest_auth_settings::value::{Json, option};
use rest_auth_settings::{Secret, SettingValue, ValueError, suggest};
use serde_json::Map;

use crate::providers;

/// The generic providers: every entry under another name than a provider's is one of them.
const OPENID_CONNECT: &str = "openid_connect";
const OAUTH2: &str = "oauth2";

/// The settings of one provider.
#[derive(Clone, Debug, Default)]
pub struct ProviderSettings {
    /// The name of the entry: the path of its endpoints, and what accounts are stored under.
    pub id: String,
    /// Which record it follows: a provider of ours, `openid_connect` or `oauth2`.
    pub provider: String,
    /// Its name for users, if it is not the usual one.
    pub name: Option<String>,
    /// The apps that are registered at the provider. The first one asks; all are accepted as the
    /// audience of ID tokens.
    pub apps: Vec<App>,
    /// Where the provider sends the code of a login that the front end begins.
    pub callback_url: Option<String>,
    /// Further addresses that a request may name as its `callback_url`.
    pub callback_urls: Vec<String>,
    /// What is asked for, in place of the provider's usual scope.
    pub scope: Option<Vec<String>>,
    /// Further parameters of the address where the browser is sent.
    pub auth_params: BTreeMap<String, String>,
    /// Whether a proof key is sent (RFC 7636). None: as the provider allows.
    pub oauth_pkce_enabled: Option<bool>,
    /// Whether addresses count as verified although the provider does not say so.
    pub verified_email: VerifiedEmail,
    /// In place of `socialaccount.email_authentication`.
    pub email_authentication: Option<bool>,
    /// In place of `socialaccount.email_authentication_auto_connect`.
    pub email_authentication_auto_connect: Option<bool>,
    /// The claim that identifies a user, if it is not the usual one.
    pub uid_field: Option<String>,
    /// Whether the profile is asked for beside an ID token.
    pub fetch_userinfo: Option<bool>,
    /// `client_secret_post` or `client_secret_basic`, where the discovery document does not decide.
    pub token_auth_method: Option<String>,
    /// In place of `socialaccount.check_access_token_audience`.
    pub check_access_token_audience: Option<bool>,
    /// What the discovery document should say.
    pub openid_configuration_overrides: Map<String, Json>,
    /// The addresses and parts of addresses that are replaced, by their keys.
    pub urls: BTreeMap<String, String>,
}

/// An app that is registered at a provider.
#[derive(Clone, Debug)]
pub struct App {
    /// Its client ids: the first one asks, all are ours.
    pub client_ids: Vec<String>,
    /// Its secret; for Apple the id of its key.
    pub secret: Secret,
    /// Apple's id of the developer's team.
    pub key: String,
    /// Apple's private key, in PEM.
    pub certificate_key: Secret,
}

/// Whether addresses count as verified although the provider does not say so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum VerifiedEmail {
    /// As the provider says.
    #[default]
    AsReported,
    /// All that it reports.
    All,
    /// Those of these domains.
    Domains(Vec<String>),
}

/// The addresses that every provider lets the configuration replace, allauth's names.
const URLS: [&str; 8] = [
    "authorize_url",
    "access_token_url",
    "identity_url",
    "emails_url",
    "id_token_url",
    "certs_url",
    "id_token_issuer",
    "check_url",
];

/// The keys of an app, which may stand in the table of the provider itself.
const APP_KEYS: [&str; 9] = [
    "client_id",
    "client_ids",
    "secret",
    "secret_file",
    "key",
    "certificate_key",
    "certificate_key_file",
    "provider_id",
    "settings",
];

/// The other keys.
const KEYS: [&str; 16] = [
    "provider",
    "name",
    "app",
    "apps",
    "callback_url",
    "callback_urls",
    "scope",
    "auth_params",
    "oauth_pkce_enabled",
    "verified_email",
    "email_authentication",
    "email_authentication_auto_connect",
    "uid_field",
    "fetch_userinfo",
    "token_auth_method",
    "check_access_token_audience",
];

/// Keys of allauth's that have no meaning here, which a dictionary that is pasted may have.
const IGNORED: [&str; 7] = [
    "method",
    "init_params",
    "fields",
    "exchange_token",
    "locale_func",
    "sdk_url",
    "app_token_cache_timeout",
];

impl ProviderSettings {
    /// Reads the table of an entry. One of `openid_connect` with a list of apps is several: each app
    /// is an entry under its `provider_id`, as in allauth.
    pub(super) fn read(id: &str, value: &Json) -> Result<Vec<Self>, ValueError> {
        let table = value.as_object().ok_or_else(|| ValueError::expected("a table", value))?;
        let table = lowered(table);
        if id == OPENID_CONNECT {
            let apps = table.get("apps").and_then(Json::as_array).cloned().unwrap_or_default();
            return apps.iter().map(|app| Self::of_server(&table, app)).collect();
        }
        Ok(vec![Self::of_entry(id, &table)?])
    }

    fn of_server(shared: &Map<String, Json>, app: &Json) -> Result<Self, ValueError> {
        let app = app.as_object().ok_or_else(|| ValueError::expected("a table", app))?;
        let mut table = lowered(app);
        let id = table.get("provider_id").and_then(Json::as_str).unwrap_or_default().to_owned();
        if id.is_empty() {
            return Err(ValueError::rule("has an app without `provider_id`", "give each app one"));
        }
        for (key, value) in shared.iter().filter(|(key, _)| *key != "apps") {
            table.entry(key.clone()).or_insert_with(|| value.clone());
        }
        Self::of_entry(&id, &table)
    }

    fn of_entry(id: &str, table: &Map<String, Json>) -> Result<Self, ValueError> {
        let mut table = table.clone();
        // What allauth keeps in the `settings` of an app holds for the provider here.
        for app in ["app", "settings"] {
            let nested = match app {
                "settings" => table.remove("settings"),
                _ => table.get(app).and_then(|app| app.get("settings")).cloned(),
            };
            for (key, value) in
                lowered(nested.as_ref().and_then(Json::as_object).unwrap_or(&Map::new()))
            {
                table.entry(key).or_insert(value);
            }
        }
        let provider = provider_of(id, &table)?;
        let record = providers::of(&provider);
        let known = || {
            let variables = record.protocol.variables.iter().map(|variable| variable.name);
            let overrides = ["openid_configuration_overrides", "server_url"];
            KEYS.into_iter().chain(APP_KEYS).chain(URLS).chain(overrides).chain(variables)
        };
        for key in table.keys() {
            if known().all(|name| name != key) && !IGNORED.contains(&key.as_str()) {
                let hint = hint(known(), key);
                return Err(ValueError::rule(format!("has an unknown key `{key}`"), hint));
            }
        }
        let mut urls = BTreeMap::new();
        for name in URLS.into_iter().chain(record.protocol.variables.iter().map(|v| v.name)) {
            if let Some(text) = option::<String>(&table, name)?.filter(|text| !text.is_empty()) {
                urls.insert(name.to_owned(), text.trim_end_matches('/').to_owned());
            }
        }
        Ok(Self {
            id: id.to_owned(),
            provider,
            name: option(&table, "name")?,
            apps: apps(&table)?,
            callback_url: option(&table, "callback_url")?,
            callback_urls: option(&table, "callback_urls")?.unwrap_or_default(),
            scope: option(&table, "scope")?,
            auth_params: texts(&table, "auth_params")?,
            oauth_pkce_enabled: option(&table, "oauth_pkce_enabled")?,
            verified_email: verified_email(&table)?,
            email_authentication: option(&table, "email_authentication")?,
            email_authentication_auto_connect: option(&table, "email_authentication_auto_connect")?,
            uid_field: option(&table, "uid_field")?,
            fetch_userinfo: option(&table, "fetch_userinfo")?,
            token_auth_method: option(&table, "token_auth_method")?,
            check_access_token_audience: option(&table, "check_access_token_audience")?,
            openid_configuration_overrides: table
                .get("openid_configuration_overrides")
                .and_then(Json::as_object)
                .cloned()
                .unwrap_or_default(),
            urls,
        })
    }

    /// Its name for users.
    #[must_use]
    pub fn display_name(&self) -> &str {
        let usual = providers::known(&self.provider).map(|record| record.name);
        let usual = usual.filter(|_| self.provider == self.id);
        self.name.as_deref().or(usual).unwrap_or(&self.id)
    }

    /// The client id that asks; empty if there is no app.
    #[must_use]
    pub fn client_id(&self) -> &str {
        let first = self.apps.first().and_then(|app| app.client_ids.first());
        first.map_or("", String::as_str)
    }

    /// Whether the login works: there is an app.
    #[must_use]
    pub fn is_configured(&self) -> bool {
        !self.client_id().is_empty()
    }
}

/// The record that an entry follows.
fn provider_of(id: &str, table: &Map<String, Json>) -> Result<String, ValueError> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if id.is_empty() || id.len() > 200 || !id.chars().all(is_plain) {
        let cure = "use letters, digits, `-`, `_` and `.`";
        return Err(ValueError::rule(format!("has a name that no path can have: {id:?}"), cure));
    }
    if let Some(named) = option::<String>(table, "provider")? {
        if named == OPENID_CONNECT || named == OAUTH2 || providers::known(&named).is_some() {
            return Ok(named);
        }
        let cure = "name `openid_connect`, `oauth2` or a provider of the list in the documentation";
        return Err(ValueError::rule(format!("has an unknown `provider`: {named:?}"), cure));
    }
    if providers::known(id).is_some() {
        return Ok(id.to_owned());
    }
    if table.contains_key("server_url") {
        return Ok(OPENID_CONNECT.to_owned());
    }
    let needed = ["authorize_url", "access_token_url", "identity_url"];
    if needed.iter().all(|key| table.contains_key(*key)) {
        return Ok(OAUTH2.to_owned());
    }
    Err(ValueError::rule(
        "is no provider that is known by this name",
        "give `server_url` of an OpenID provider, or `authorize_url`, `access_token_url` and \
         `identity_url`",
    ))
}

/// What to do about a key that is not known.
fn hint<'k>(known: impl Iterator<Item = &'k str>, key: &str) -> String {
    suggest::word(known, key)
        .map_or_else(|| "remove it".to_owned(), |word| format!("did you mean `{word}`?"))
}

fn lowered(table: &Map<String, Json>) -> Map<String, Json> {
    table.iter().map(|(key, value)| (key.to_lowercase(), value.clone())).collect()
}

fn apps(table: &Map<String, Json>) -> Result<Vec<App>, ValueError> {
    if let Some(list) = table.get("apps") {
        let list = list.as_array().ok_or_else(|| ValueError::expected("a list", list))?;
        let place = |(index, app): (usize, &Json)| {
            one_app(app).map_err(|error| error.within(&format!("(at apps, item {})", index + 1)))
        };
        return list.iter().enumerate().map(place).collect();
    }
    if let Some(app) = table.get("app") {
        return Ok(vec![one_app(app).map_err(|error| error.within("(at app)"))?]);
    }
    if table.contains_key("client_id") || table.contains_key("client_ids") {
        return Ok(vec![app_of(table)?]);
    }
    Ok(Vec::new())
}

fn one_app(value: &Json) -> Result<App, ValueError> {
    let table = value.as_object().ok_or_else(|| ValueError::expected("a table", value))?;
    let table = lowered(table);
    let known = || APP_KEYS.into_iter().chain(["name"]);
    if let Some(key) = table.keys().find(|key| known().all(|name| name != *key)) {
        let hint = hint(known(), key);
        return Err(ValueError::rule(format!("has an unknown key `{key}`"), hint));
    }
    app_of(&table)
}

fn app_of(table: &Map<String, Json>) -> Result<App, ValueError> {
    // allauth takes several ids of one app as one text.
    let first = option::<String>(table, "client_id")?.unwrap_or_default();
    let mut client_ids: Vec<_> =
        first.split(',').map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect();
    client_ids.extend(option::<Vec<String>>(table, "client_ids")?.unwrap_or_default());
    if client_ids.is_empty() {
        return Err(ValueError::rule("has no `client_id`", "set it to the id of your app"));
    }
    Ok(App {
        client_ids,
        secret: secret(table, "secret")?,
        key: option(table, "key")?.unwrap_or_default(),
        certificate_key: secret(table, "certificate_key")?,
    })
}

/// A secret, or the file that it is in.
fn secret(table: &Map<String, Json>, name: &str) -> Result<Secret, ValueError> {
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

fn texts(table: &Map<String, Json>, name: &str) -> Result<BTreeMap<String, String>, ValueError> {
    let Some(value) = table.get(name) else { return Ok(BTreeMap::new()) };
    let entries = value.as_object().ok_or_else(|| ValueError::expected("a table", value));
    let entries = entries.map_err(|error| error.within(&format!("(at {name})")))?;
    let text = |(key, value): (&String, &Json)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        (key.clone(), text)
    };
    Ok(entries.iter().map(text).collect())
}

fn verified_email(table: &Map<String, Json>) -> Result<VerifiedEmail, ValueError> {
    match table.get("verified_email") {
        None | Some(Json::Bool(false)) => Ok(VerifiedEmail::AsReported),
        Some(Json::Bool(true)) => Ok(VerifiedEmail::All),
        Some(list @ Json::Array(_)) => Vec::parse(list)
            .map(VerifiedEmail::Domains)
            .map_err(|error| error.within("(at verified_email)")),
        Some(other) => Err(ValueError::expected("a boolean or a list of domains", other)
            .within("(at verified_email)")),
    }
}
