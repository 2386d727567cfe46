//! What the database lacks, if it is there and answers: tables of Django's applications, migrations,
//! indexes. As `rest-auth migrate --status` tells.

use std::time::Duration;

use rest_auth_domain::one_line::chain;
use rest_auth_http::config::{Finding, Settings};
use rest_auth_store::{DatabaseSettings, MigrationStatus, Store, StoreError};

/// How long a database may take to answer. One that is away is no mistake of the configuration.
const PATIENCE: Duration = Duration::from_secs(2);

const KEY: &str = "database.url";

/// Looks at the schema. Nothing is changed, and no file is made.
///
/// # Errors
/// Why the database cannot be looked at.
pub(super) async fn findings(settings: &Settings) -> Result<Vec<Finding>, Finding> {
    if settings.database.sqlite_file().is_some_and(|file| !file.exists()) {
        return Ok(Vec::new());
    }
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let status = status(&settings.database).await.map_err(|error| unseen(&error, settings))?;
    Ok(of(&status, settings))
}

/// Why the database cannot be looked at. One that is away may come back; rights do not by themselves.
fn unseen(error: &StoreError, settings: &Settings) -> Finding {
    let message = format!("`{KEY}`: {}", chain(error));
    let origin = settings.origin(KEY).clone();
    if error.is_forbidden() {
        return Finding::error(KEY, origin, message);
    }
    let cure = "what the database has was not looked at, and a server waits until it can use it";
    Finding::warning(KEY, origin, message).cure(cure)
}

async fn status(database: &DatabaseSettings) -> Result<MigrationStatus, StoreError> {
    let acquire_timeout = database.acquire_timeout.min(PATIENCE);
    let store = Store::connect(&DatabaseSettings { acquire_timeout, ..database.clone() }).await?;
    let status = store.migration_status().await;
    store.close().await;
    status
}

fn of(status: &MigrationStatus, settings: &Settings) -> Vec<Finding> {
    let origin = || settings.origin(KEY).clone();
    let mut findings: Vec<_> = status
        .findings
        .iter()
        .map(|finding| {
            let message = format!("`{KEY}`: {finding}");
            if finding.is_fatal() {
                Finding::error(KEY, origin(), message)
            } else {
                Finding::warning(KEY, origin(), message)
            }
        })
        .collect();
    if !status.pending.is_empty() && !settings.database.migrates_on_start() {
        let message = format!("`{KEY}`: migrations are pending: {}", status.pending.join(", "));
        findings.push(Finding::warning(KEY, origin(), message).cure("run `rest-auth migrate`"));
    }
    findings
}
