//! The table of one provider: `[socialaccount.providers.<id>]`.

use std::collections::BTreeMap;

use rest_auth_settings::value::{Json, option};
use rest_auth_settings::{SettingValue as _, ValueError};
use serde_json::Map;

use super::app::{self, App};
use super::table::{hint, lowered, member};
use super::{auth_params, front_end};
use crate::provider::{IdentitySource, Provider};
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
    /// Which addresses count as verified.
    pub verified_email: VerifiedEmail,
    /// In place of `socialaccount.email_authentication`.
    pub email_authentication: Option<bool>,
    /// In place of `socialaccount.email_authentication_auto_connect`.
    pub email_authentication_auto_connect: Option<bool>,
    /// What identifies a user, if it is not the usual member of the profile: its name, or the names
    /// on the way to it with dots between.
    pub uid_field: Option<String>,
    /// Where the address of the user is, in the same way.
    pub email_field: Option<String>,
    /// Where the provider says whether it has verified that address, in the same way.
    pub email_verified_field: Option<String>,
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

/// Which addresses count as verified.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum VerifiedEmail {
    /// As the provider says.
    #[default]
    AsReported,
    /// All that it reports.
    All,
    /// Those of these domains.
    Domains(Vec<String>),
    /// None, whatever the provider says.
    Never,
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

/// The other keys.
const KEYS: [&str; 18] = [
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
    "email_field",
    "email_verified_field",
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
            let of_one = ["client_id", "client_ids", "server_url"];
            let is_one = of_one.iter().any(|key| table.contains_key(*key));
            if is_one && !table.contains_key("apps") {
                let cure = "call the table after the server, such as `acme`, or list `apps` in it, \
                            each with its `provider_id`";
                return Err(ValueError::rule("stands for servers that are listed in `apps`", cure));
            }
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
            KEYS.into_iter().chain(app::KEYS).chain(URLS).chain(overrides).chain(variables)
        };
        for key in table.keys() {
            if known().all(|name| name != key) && !IGNORED.contains(&key.as_str()) {
                let hint = hint(known(), key);
                return Err(ValueError::rule(format!("has an unknown key `{key}`"), hint));
            }
        }
        let urls = urls(&record, &table)?;
        let scope: Option<Vec<String>> = option(&table, "scope")?;
        let sends_scope =
            scope.as_ref().map_or(!record.protocol.scope.is_empty(), |scope| !scope.is_empty());
        Ok(Self {
            id: id.to_owned(),
            provider,
            name: option(&table, "name")?,
            apps: app::all(&table)?,
            callback_url: callback_url(&table)?,
            callback_urls: callback_urls(&table)?,
            scope,
            auth_params: auth_params::read(&table, &record.protocol, sends_scope)?,
            oauth_pkce_enabled: option(&table, "oauth_pkce_enabled")?,
            verified_email: verified_email(&table)?,
            email_authentication: option(&table, "email_authentication")?,
            email_authentication_auto_connect: option(&table, "email_authentication_auto_connect")?,
            uid_field: member(&table, "uid_field")?,
            email_field: member(&table, "email_field")?,
            email_verified_field: member(&table, "email_verified_field")?,
            fetch_userinfo: option(&table, "fetch_userinfo")?,
            token_auth_method: option(&table, "token_auth_method")?,
            check_access_token_audience: option(&table, "check_access_token_audience")?,
            openid_configuration_overrides: overrides(&table)?,
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

    /// Whether an app has to send an access token with its secret, because the provider is asked by
    /// requests that are signed with both (OAuth 1.0a).
    #[must_use]
    pub fn takes_token_secrets(&self) -> bool {
        providers::of(&self.provider).protocol.is_signed()
    }

    /// Whether the provider wants a secret for a code and there is none. One with ID tokens works
    /// without codes, unless logins are made in the browser.
    #[must_use]
    pub fn lacks_secret(&self, in_browser: bool) -> bool {
        let protocol = providers::of(&self.provider).protocol;
        // An OpenID server may know us as a public client.
        let is_optional = !protocol.discovery.is_empty();
        let is_signed = protocol.identity == IdentitySource::IdToken;
        let Some(app) = self.apps.first() else { return false };
        // Whoever has an id of a key means to sign with the key.
        let means_codes =
            in_browser || (is_signed && !(app.secret.is_empty() && app.key.is_empty()));
        let has_other_way = protocol.id_tokens.is_some() && !means_codes;
        let is_missing =
            if is_signed { app.certificate_key.is_empty() } else { app.secret.is_empty() };
        is_missing && !is_optional && !has_other_way
    }

    /// The key that has what the provider wants for a code.
    #[must_use]
    pub fn name_of_secret(&self) -> &'static str {
        match providers::of(&self.provider).protocol.identity {
            IdentitySource::IdToken => "certificate_key",
            _ => "secret",
        }
    }

    /// Whether the provider has the browser post the answer from its own page.
    #[must_use]
    pub fn posts_form(&self) -> bool {
        providers::of(&self.provider).protocol.form_post
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
    // Clients resolve these two before they ask.
    let is_relative = matches!(id, "." | "..");
    if id.is_empty() || id.len() > 200 || is_relative || !id.chars().all(is_plain) {
        let cure = "use letters, digits, `-`, `_` and `.`, and not dots alone";
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

/// The addresses, and the parts of addresses, that are replaced.
fn urls(
    record: &Provider,
    table: &Map<String, Json>,
) -> Result<BTreeMap<String, String>, ValueError> {
    let given = |name: &str| -> Result<Option<String>, ValueError> {
        Ok(option::<String>(table, name)?.filter(|text| !text.is_empty()))
    };
    let mut urls = BTreeMap::new();
    for name in URLS {
        // An address is asked as it is written, and an issuer compared so: a slash counts.
        urls.extend(given(name)?.map(|url| (name.to_owned(), url)));
    }
    for variable in record.protocol.variables {
        // Addresses are put together from these, with a slash of their own.
        let base = given(variable.name)?.map(|base| base.trim_end_matches('/').to_owned());
        urls.extend(base.map(|base| (variable.name.to_owned(), base)));
    }
    Ok(urls)
}

fn callback_url(table: &Map<String, Json>) -> Result<Option<String>, ValueError> {
    let url = option::<String>(table, "callback_url")?;
    let checked = url.as_deref().map_or(Ok(()), front_end::address);
    checked.map_err(|error| error.within("(at callback_url)"))?;
    Ok(url)
}

fn callback_urls(table: &Map<String, Json>) -> Result<Vec<String>, ValueError> {
    let urls = option::<Vec<String>>(table, "callback_urls")?.unwrap_or_default();
    front_end::addresses(&urls).map_err(|error| error.within("(at callback_urls)"))?;
    Ok(urls)
}

fn overrides(table: &Map<String, Json>) -> Result<Map<String, Json>, ValueError> {
    let name = "openid_configuration_overrides";
    match table.get(name) {
        None => Ok(Map::new()),
        Some(Json::Object(members)) => Ok(members.clone()),
        Some(other) => Err(ValueError::expected("a table", other).within(&format!("(at {name})"))),
    }
}

/// The domain that is written with or without its `@`.
fn domain_of(text: &str) -> Result<String, ValueError> {
    let domain = text.strip_prefix('@').unwrap_or(text).to_lowercase();
    let is_plain = |c: char| c.is_alphanumeric() || c == '-' || c == '.';
    if domain.is_empty() || !domain.chars().all(is_plain) {
        let cure = "write \"corp.example\"; each domain below it is one of its own";
        return Err(ValueError::rule(format!("has an item that is no domain: {text:?}"), cure));
    }
    Ok(domain)
}

fn verified_email(table: &Map<String, Json>) -> Result<VerifiedEmail, ValueError> {
    match table.get("verified_email") {
        None | Some(Json::Bool(false)) => Ok(VerifiedEmail::AsReported),
        Some(Json::Bool(true)) => Ok(VerifiedEmail::All),
        Some(list @ Json::Array(_)) => Vec::<String>::parse(list)
            .and_then(|all| all.iter().map(|domain| domain_of(domain)).collect())
            .map(VerifiedEmail::Domains)
            .map_err(|error| error.within("(at verified_email)")),
        Some(Json::String(word)) if word == "never" => Ok(VerifiedEmail::Never),
        Some(other) => {
            let wanted = "a boolean, a list of domains or `never`";
            Err(ValueError::expected(wanted, other).within("(at verified_email)"))
        }
    }
}
