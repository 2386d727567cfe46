//! `/healthz` and `/readyz`, for operators. They are outside the API, because monitors call them
//! every few seconds by IP address: any `Host` is accepted and nothing is logged.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rest_auth_flows::open::{Status, Store, obstacle};
use serde_json::{Value, json};

/// How long the database may take to answer. After that it counts as unreachable.
const PATIENCE: Duration = Duration::from_secs(2);

/// The facts that readiness depends on. Clones share them.
#[derive(Clone)]
struct Readiness {
    store: Store,
    /// Whether all migrations are applied. They are never undone, so this is checked until it is
    /// true once.
    migrated: Arc<AtomicBool>,
}

/// The two pages, at the root. `status` is the state of the database at the start.
pub(crate) fn routes(store: Store, status: &Status) -> Router {
    let migrated = Arc::new(AtomicBool::new(obstacle(status).is_none()));
    let readiness = Readiness { store, migrated };
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

/// Checks that the database is migrated and answers. The error is public, so it contains no
/// details.
async fn check_readiness(readiness: &Readiness) -> Result<(), String> {
    let away = |error| {
        tracing::warn!(error = format!("{:#}", anyhow::Error::new(error)), "the database failed");
        "the database does not answer".to_owned()
    };
    if readiness.migrated.load(Ordering::Relaxed) {
        return readiness.store.ping().await.map_err(away);
    }
    let status = readiness.store.migration_status().await.map_err(away)?;
    match obstacle(&status) {
        None => {
            readiness.migrated.store(true, Ordering::Relaxed);
            Ok(())
        }
        Some(obstacle) => Err(obstacle),
    }
}

fn page(status: StatusCode, body: &Value) -> Response {
    let headers: [(HeaderName, &str); 2] =
        [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")];
    (status, headers, body.to_string()).into_response()
}
