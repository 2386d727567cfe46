//! Waits for a database that is started at the same time as the program.

use std::str::FromStr;
use std::time::{Duration, Instant};

use sqlx::mysql::{MySqlConnectOptions, MySqlConnection};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::time::{sleep, timeout};

use crate::error::is_away;
use crate::{Backend, DatabaseSettings, Store};

/// The pause between two attempts.
const PAUSE: Duration = Duration::from_millis(500);

/// How often the log repeats that the database is away.
const TELL_EVERY: Duration = Duration::from_secs(5);

impl Store {
    /// Waits until the database answers, be it with a refusal, at most for
    /// `database.connect_timeout`. The log says why. Then [`Self::connect`] succeeds or tells what
    /// is wrong; the time that it takes to give up counts, too.
    pub async fn wait_for(settings: &DatabaseSettings) {
        let begun = Instant::now();
        let patience = settings.connect_timeout.saturating_sub(settings.acquire_timeout);
        let mut told: Option<Instant> = None;
        while let Some(reason) = away(settings).await {
            if begun.elapsed() + PAUSE > patience {
                return;
            }
            if told.is_none_or(|told| told.elapsed() >= TELL_EVERY) {
                told = Some(Instant::now());
                let left = settings.connect_timeout.saturating_sub(begun.elapsed());
                tracing::warn!(
                    key = "database.url",
                    reason,
                    "{} does not answer; waiting for {} seconds more at most \
                     (`database.connect_timeout`)",
                    settings.url.masked(),
                    left.as_secs()
                );
            }
            sleep(PAUSE).await;
        }
        if told.is_some() {
            tracing::info!("the database answers");
        }
    }
}

/// Why the database cannot be asked now; `None` if it answers, or if waiting does not help.
async fn away(settings: &DatabaseSettings) -> Option<String> {
    let attempt = timeout(settings.acquire_timeout, connect_once(settings));
    match attempt.await {
        Ok(Err(error)) if is_away(&error) => Some(error.to_string()),
        Ok(_) => None,
        Err(_) => Some("no answer in time".to_owned()),
    }
}

/// Opens one connection, because a pool would keep the reason of a failure to itself.
async fn connect_once(settings: &DatabaseSettings) -> Result<(), sqlx::Error> {
    match Backend::of(settings.url.expose()) {
        Ok(Backend::Postgres) => {
            // Without TLS it is refused at the worst, which is an answer.
            let options = PgConnectOptions::from_str(settings.url.expose())?;
            let options = match options.get_ssl_mode() {
                PgSslMode::Prefer => options.ssl_mode(PgSslMode::Disable),
                _ => options,
            };
            let options = options.disable_statement_logging();
            PgConnection::connect_with(&options).await?.close().await
        }
        Ok(Backend::Mysql) => {
            let url = settings.url.expose().replacen("mariadb:", "mysql:", 1);
            let options = MySqlConnectOptions::from_str(&url)?.disable_statement_logging();
            MySqlConnection::connect_with(&options).await?.close().await
        }
        // A file is there, or will not come.
        Ok(Backend::Sqlite) | Err(_) => Ok(()),
    }
}
