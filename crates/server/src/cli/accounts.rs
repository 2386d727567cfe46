//! Opens the accounts for commands. The server may be running at the same time.

use anyhow::{Context as _, bail};
use rest_auth_flows::auth::Environment;
use rest_auth_flows::open as accounts;
use rest_auth_flows::secret_key;
use rest_auth_http::config::Settings;
use rest_auth_http::config::listener::{LogFormat, LogLevel};
use rest_auth_http::{Api, open};
use rest_auth_mail::Mailer;

use super::arguments::ConfigSource;
use super::source::{self, FoundConfiguration};
use crate::log;

/// Prepares what every command except `serve` needs: a log of warnings and errors only, and TLS for
/// connections to a database.
pub(super) fn prepare(settings: &Settings) -> anyhow::Result<()> {
    let mut quiet = settings.log.clone();
    quiet.format = LogFormat::Text;
    if !matches!(quiet.level, LogLevel::Error) {
        quiet.level = LogLevel::Warn;
    }
    log::start(&quiet)?;
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Ok(())
}

/// Opens the accounts. A SQLite database is migrated first, as when the server starts. Neither a
/// database nor a secret key is made: whoever stands in another folder than the server, or forgets
/// `--config`, would work on accounts that nobody has.
pub(super) async fn open_api(source: &ConfigSource) -> anyhow::Result<Api> {
    // Boxed, because the settings are large.
    Box::pin(open_sound_api(source)).await
}

async fn open_sound_api(source: &ConfigSource) -> anyhow::Result<Api> {
    let found = source::load_sound(source)?;
    require_database(&found)?;
    let mut settings = found.loaded.settings;
    prepare(&settings)?;
    let kept = secret_key::find(&mut settings.signing, &settings.database);
    if let Some(missing) = kept.context("server.secret_key")? {
        bail!(
            "server.secret_key: no key is set, and none is kept in {}; set it, or start the server \
             once where you call this",
            missing.display()
        );
    }
    let api = open::open(&settings, Environment::default()).await?;
    let status = api.auth().store().migration_status().await.context("database.url")?;
    if let Some(reason) = accounts::not_ready_reason(&status) {
        bail!("{reason}");
    }
    Ok(api)
}

/// Opens the mailer alone, for commands that need no accounts.
pub(super) async fn open_mailer(source: &ConfigSource) -> anyhow::Result<(Settings, Mailer)> {
    let settings = source::load_sound(source)?.loaded.settings;
    prepare(&settings)?;
    let mailer = open::open_mailer(&settings).await?;
    Ok((settings, mailer))
}

/// Fails if the file of a SQLite database is missing.
fn require_database(found: &FoundConfiguration) -> anyhow::Result<()> {
    let file = found.loaded.settings.database.sqlite_file();
    let Some(file) = file.filter(|file| !file.exists()) else { return Ok(()) };
    let cure = if found.is_configured() {
        "`rest-auth migrate` makes it, and so does a server that starts"
    } else {
        "name the configuration by --config or REST_AUTH_CONFIG, or stand where rest-auth.toml is"
    };
    bail!("database.url: there is no database {}; {cure}", file.display())
}
