//! From settings to accounts over HTTP.

use anyhow::Context as _;
use rest_auth_flows::auth::{self, Auth, Environment};
use rest_auth_flows::setup::SetupError;
use rest_auth_http::Api;
use rest_auth_mail::{MailSettings, Mailer};
use rest_auth_store::Store;

use crate::config::Settings;

/// Connects to everything that the settings name. Migrates the database if the settings say so.
///
/// # Errors
/// What cannot be reached, or the key that cannot work.
pub async fn open(settings: &Settings) -> anyhow::Result<Api> {
    let store = Store::connect(&settings.database).await.context("database.url")?;
    if settings.database.migrates_on_start() {
        store.migrate().await.context("the database cannot be migrated")?;
    }
    let site_name = match &settings.site.site_name {
        Some(name) => name.clone(),
        None => site_name(&store, settings.site.site_id).await?,
    };
    let mailer = Mailer::new(&mail_settings(settings, &site_name))?;
    Ok(assemble(settings, store, mailer, Environment::default())?)
}

/// Puts a server together from parts that are there already.
///
/// # Errors
/// [`SetupError`] names the key that cannot work.
pub fn assemble(
    settings: &Settings,
    store: Store,
    mailer: Mailer,
    environment: Environment,
) -> Result<Api, SetupError> {
    let of_accounts = auth::Settings {
        account: settings.account.clone(),
        addresses: settings.addresses.clone(),
        apps: settings.apps.clone(),
        auth: settings.auth.clone(),
        cache: settings.cache.clone(),
        i18n: settings.i18n.clone(),
        rest_auth: settings.rest_auth.clone(),
        session: settings.session.clone(),
        signing: settings.signing.clone(),
        simple_jwt: settings.simple_jwt.clone(),
        site: settings.site.clone(),
        user: settings.user.clone(),
    };
    let of_http = rest_auth_http::Settings {
        allauth: settings.allauth.clone(),
        cors: settings.cors.clone(),
        csrf: settings.csrf.clone(),
        rest_framework: settings.rest_framework.clone(),
        secure: settings.secure.clone(),
        server: settings.http.clone(),
    };
    Api::new(Auth::new(of_accounts, store, mailer, environment)?, of_http)
}

/// How letters look and leave.
#[must_use]
pub fn mail_settings(settings: &Settings, site_name: &str) -> MailSettings {
    let prefix = settings.account.email_subject_prefix.as_deref();
    MailSettings::new(&settings.email, prefix, site_name)
}

/// The name in Django's table; its default where there is none.
async fn site_name(store: &Store, id: i64) -> anyhow::Result<String> {
    let site = store.site(id).await.context("server.site_id")?;
    Ok(site.map_or_else(|| "example.com".to_owned(), |site| site.name))
}
