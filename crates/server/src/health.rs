//! `/healthz` and `/readyz`, for operators. They are outside the API, because monitors call them
//! every few seconds by IP address: any `Host` is accepted and nothing is logged.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rest_auth_flows::auth::Auth;
use rest_auth_flows::open::StoreError;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::migrated::Migrated;

/// How long the database may take to answer. After that it counts as unreachable.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long the result of a write stands for the next ones: the page is open to everybody, and each
/// write costs the disk a sync.
const STANDS_FOR: Duration = Duration::from_secs(1);

/// The facts that readiness depends on. Clones share them.
#[derive(Clone)]
struct Readiness {
    auth: Auth,
    migrated: Migrated,
    /// The last attempt to write.
    written: Arc<Mutex<Option<Written>>>,
}

/// An attempt to write to the database.
struct Written {
    at: Instant,
    outcome: Result<(), String>,
}

/// The two pages, at the root.
pub(crate) fn routes(auth: Auth, migrated: Migrated) -> Router {
    let readiness = Readiness { auth, migrated, written: Arc::default() };
    Router::new().route("/healthz", get(health)).route("/readyz", get(ready)).with_state(readiness)
}

async fn health() -> Response {
    page(StatusCode::OK, &json!({"status": "ok"}))
}

async fn ready(State(readiness): State<Readiness>) -> Response {
    let verdict = tokio::time::timeout(PATIENCE, check_readiness(&readiness)).await;
    match verdict.unwrap_or_else(|_| Err("the database does not answer in time".to_owned())) {
        Ok(()) => page(StatusCode::OK, &json!({"status": "ok"})),
        Err(reason) => {
            tracing::warn!(reason, "not ready");
            let body = json!({"status": "unavailable", "reason": reason});
            page(StatusCode::SERVICE_UNAVAILABLE, &body)
        }
    }
}

/// Checks that the database is migrated and can be written. The error is public, so it contains no
/// details.
async fn check_readiness(readiness: &Readiness) -> Result<(), String> {
    if let Some(reason) = readiness.migrated.reason().await.map_err(failed)? {
        return Err(reason);
    }
    let mut written = readiness.written.lock().await;
    if let Some(last) = &*written
        && last.at.elapsed() < STANDS_FOR
    {
        return last.outcome.clone();
    }
    let auth = &readiness.auth;
    let outcome = auth.store().prove_writable(auth.now()).await.map_err(failed);
    *written = Some(Written { at: Instant::now(), outcome: outcome.clone() });
    outcome
}

fn failed(error: StoreError) -> String {
    let reason = if error.is_unwritable() { "cannot be written" } else { "does not answer" };
    tracing::warn!(error = format!("{:#}", anyhow::Error::new(error)), "the database failed");
    format!("the database {reason}")
}

fn page(status: StatusCode, body: &Value) -> Response {
    let headers: [(HeaderName, &str); 2] =
        [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")];
    (status, headers, body.to_string()).into_response()
}
