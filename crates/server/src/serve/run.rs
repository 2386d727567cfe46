//! The life of a server.

use std::time::Duration;

use anyhow::{Context as _, bail};
use rest_auth_flows::auth::Auth;
use rest_auth_flows::{cleanup, outbox};
use rest_auth_http::Api;
use rest_auth_store::Status;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::listener::{self, Listener};
use super::notices;
use crate::config::{Loaded, Settings};
use crate::{app, health, log, secret_key};

/// How long the worker may take to finish its letters when the server stops, at the least: the
/// requests under way may have used up all of `server.shutdown_timeout`.
const LAST_BATCH: Duration = Duration::from_secs(1);

/// Runs a server until it is told to stop by SIGTERM or SIGINT. The configuration must have no
/// errors; what it warns of is logged.
///
/// # Errors
/// What keeps the server from starting.
pub async fn run(loaded: Loaded) -> anyhow::Result<()> {
    let Loaded { mut settings, findings } = loaded;
    log::start(&settings.log)?;
    notices::log_findings(&findings);
    notices::log_unconfigured(&settings);
    // Several libraries bring TLS; with one provider chosen here none of them has to guess.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let made = secret_key::ensure(&mut settings)
        .context("server.secret_key: no key is set, and none can be kept")?;
    if let Some(path) = made {
        notices::log_kept_key(&path);
    }
    let api = app::open(&settings).await?;
    let status = look_at_database(&api).await?;
    api.auth().throttle().peek().await;
    let listener = Listener::open(&settings.server, settings.http.public_url.as_deref()).await?;
    tracing::info!("listening on {}", listener.url(&settings.http.base_path));
    let request_timeout = settings.http.request_timeout;
    let service = listener::service(&api, &status);
    let outcome = work(&api, &settings, listener.serve(service, request_timeout)).await;
    api.auth().store().close().await;
    outcome
}

/// Tells of pending migrations and whatever else is odd about the database.
async fn look_at_database(api: &Api) -> anyhow::Result<Status> {
    let status = api.auth().store().migration_status().await.context("database.url")?;
    for finding in &status.findings {
        if finding.is_fatal() {
            bail!("database.url: {finding}");
        }
        tracing::warn!("{finding}");
    }
    if api.auth().store().anybody_has_second_factor().await.context("database.url")? {
        tracing::warn!(
            "some users have a second factor, and this server does not ask for it: a password \
             alone lets them in"
        );
    }
    if let Some(obstacle) = health::obstacle(&status) {
        tracing::warn!("{obstacle}");
    }
    Ok(status)
}

/// Listens, with the workers beside.
async fn work(
    api: &Api,
    settings: &Settings,
    serving: impl Future<Output = anyhow::Result<()>>,
) -> anyhow::Result<()> {
    let (stop, stopped) = oneshot::channel();
    let letters = tokio::spawn(deliver(api.auth().clone(), stopped));
    let auth = api.auth().clone();
    let sweeper = tokio::spawn(async move { cleanup::clean_forever(&auth).await });
    let outcome = serving.await;
    sweeper.abort();
    drop(stop);
    finish(letters, settings.server.shutdown_timeout.max(LAST_BATCH)).await;
    outcome
}

async fn deliver(auth: Auth, stopped: oneshot::Receiver<()>) {
    outbox::deliver_until(&auth, async {
        let _ = stopped.await;
    })
    .await;
}

/// Waits for the letters that are being handed over.
async fn finish(letters: JoinHandle<()>, patience: Duration) {
    if tokio::time::timeout(patience, letters).await.is_err() {
        tracing::warn!("letters were being delivered; the next start sends them again");
    }
}
