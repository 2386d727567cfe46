//! The apps of a provider: `client_id`, `secret` and what belongs to them.

use rest_auth_settings::value::{Json, option};
use rest_auth_settings::{Secret, ValueError};
use serde_json::Map;

use super::table::{hint, lowered, secret};

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

/// The keys of an app, which may stand in the table of the provider itself.
pub(super) const KEYS: [&str; 9] = [
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

/// Those of them that may stand in a table that is about no app.
const BESIDE_AN_APP: [&str; 2] = ["provider_id", "settings"];

/// The apps of a table: in `apps`, in `app`, or the keys of one in the table itself.
pub(super) fn all(table: &Map<String, Json>) -> Result<Vec<App>, ValueError> {
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
    let tells_of_app = |key: &&str| !BESIDE_AN_APP.contains(key) && table.contains_key(*key);
    if KEYS.iter().any(tells_of_app) {
        return Ok(vec![app_of(table)?]);
    }
    Ok(Vec::new())
}

fn one_app(value: &Json) -> Result<App, ValueError> {
    let table = value.as_object().ok_or_else(|| ValueError::expected("a table", value))?;
    let table = lowered(table);
    let known = || KEYS.into_iter().chain(["name"]);
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
    let further = option::<Vec<String>>(table, "client_ids")?.unwrap_or_default();
    if further.iter().any(|id| id.trim().is_empty()) {
        return Err(ValueError::rule("has an item in `client_ids` that is empty", "remove it"));
    }
    client_ids.extend(further);
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
