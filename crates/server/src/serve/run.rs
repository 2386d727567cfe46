//! The life of a server.

use std::time::Duration;

use anyhow::{Context as _, bail};
use rest_auth_flows::auth::{Auth, Environment};
use rest_auth_flows::open::{self as accounts, FactorSource, MigrationStatus, Store};
use rest_auth_flows::secret_key;
use rest_auth_flows::settings::DatabaseSettings;
use rest_auth_flows::workers::Workers;
use rest_auth_http::config::Loaded;
use rest_auth_http::{Api, open};
use tokio::task::JoinHandle;

use super::listener::{self, Listener};
use super::{notices, open_files, signals};
use crate::log;
use crate::migrated::Migrated;

/// Runs a server until it is told to stop by SIGTERM or SIGINT. The configuration must have no
/// errors. Its warnings are logged, and `place`, which says where it comes from.
///
/// # Errors
/// What keeps the server from starting.
pub async fn run(loaded: Loaded, place: &str) -> anyhow::Result<()> {
    let Loaded { mut settings, findings } = loaded;
    log::start(&settings.log)?;
    tracing::info!("{place}");
    signals::ignore_meaningless().context("signals")?;
    notices::log_findings(&findings);
    notices::log_findings(open_files::finding(&settings).as_slice());
    notices::log_unconfigured(&settings);
    // Several libraries use TLS. The provider is chosen here, because they cannot choose one if
    // several are compiled in.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let made = secret_key::ensure(&mut settings.signing, &settings.database)
        .context("server.secret_key: no key is set, and none can be kept")?;
    if let Some(path) = made {
        notices::log_kept_key(&path);
    }
    Store::wait_for(&settings.database).await;
    let api = open::open(&settings, Environment::default()).await?;
    let status = look_at_database(&api, &settings.database).await?;
    api.auth().throttle().peek().await;
    let listener = Listener::open(&settings).await?;
    tracing::info!("listening on {}", listener.url(&settings.http.base_path));
    let migrated = Migrated::new(api.auth().clone(), &status);
    let service = listener::service(&api, &migrated);
    let workers = start_workers(api.auth().clone(), migrated);
    let outcome = listener.serve(service).await;
    shut_down(workers, settings.server.shutdown_timeout).await;
    api.auth().store().close().await;
    outcome
}

/// Starts the workers when the database is migrated: before, all that they do would fail.
fn start_workers(auth: Auth, migrated: Migrated) -> JoinHandle<Workers> {
    tokio::spawn(async move {
        migrated.wait().await;
        Workers::start(&auth)
    })
}

/// Stops the workers, if they have been started.
async fn shut_down(workers: JoinHandle<Workers>, patience: Duration) {
    if !workers.is_finished() {
        workers.abort();
    }
    if let Ok(workers) = workers.await {
        workers.shut_down(patience).await;
    }
}

/// Logs pending migrations and other findings about the database, and proves that it can be
/// written.
async fn look_at_database(
    api: &Api,
    database: &DatabaseSettings,
) -> anyhow::Result<MigrationStatus> {
    let status = api.auth().store().migration_status().await.context("database.url")?;
    for finding in &status.findings {
        if finding.is_fatal() {
            bail!("database.url: {finding}");
        }
        tracing::warn!("{finding}");
    }
    warn_of_factors(api).await?;
    match accounts::not_ready_reason(&status) {
        Some(reason) => tracing::warn!("{reason}; until then every request is answered with 503"),
        None => accounts::prove_writable(api.auth(), database).await?,
    }
    Ok(status)
}

/// Logs whose second factors logins do not ask for, and whose passkeys do not log in.
async fn warn_of_factors(api: &Api) -> anyhow::Result<()> {
    let settings = api.auth().settings();
    let asks = settings.apps.mfa;
    for (source, is_asked, key) in [
        (FactorSource::DjRestAuth, asks, "apps.mfa"),
        (FactorSource::Allauth, asks && settings.mfa.allauth_factors, "mfa.allauth_factors"),
    ] {
        let any = api.auth().store().anybody_has_second_factor(source);
        if !is_asked && any.await.context("database.url")? {
            tracing::warn!(
                "some users have a second factor that logins do not ask for: a password alone lets \
                 them in; set {key} to true"
            );
        }
    }
    let passkeys = api.auth().store().anybody_has_second_factor(FactorSource::Passkeys);
    if !settings.apps.passkeys && passkeys.await.context("database.url")? {
        tracing::warn!("some users have passkeys, which do not log in; set apps.passkeys to true");
    }
    Ok(())
}
