//! Opens the accounts for commands. The server may be running at the same time.

use anyhow::{Context as _, bail};
use rest_auth_flows::auth::Environment;
use rest_auth_flows::open as accounts;
use rest_auth_flows::secret_key;
use rest_auth_http::config::Settings;
use rest_auth_http::config::listener::{LogFormat, LogLevel};
use rest_auth_http::{Api, open};

use super::arguments::Source;
use super::source;
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

/// Opens the accounts. As when the server starts, an SQLite database is migrated first, and a
/// secret key is made if there is none.
pub(super) async fn open_api(source: &Source) -> anyhow::Result<Api> {
    let mut settings = source::load_sound(source)?.settings;
    prepare(&settings)?;
    secret_key::ensure(&mut settings.signing, &settings.database)
        .context("server.secret_key: no key is set, and none can be kept")?;
    let api = open::open(&settings, Environment::default()).await?;
    let status = api.auth().store().migration_status().await.context("database.url")?;
    if let Some(obstacle) = accounts::obstacle(&status) {
        bail!("{obstacle}");
    }
    Ok(api)
}
