//! `/healthz` and `/readyz`, for whoever runs the server. They stand outside the API: no Host is
//! refused and nothing is logged, since they are asked every few seconds and by address.

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

/// How long the database may take to answer before it counts as away.
const PATIENCE: Duration = Duration::from_secs(2);

/// What readiness is judged by. Clones share it.
#[derive(Clone)]
struct Readiness {
    store: Store,
    /// Whether the migrations were seen done; they are never undone, so it is asked only once.
    migrated: Arc<AtomicBool>,
}

/// The two pages, at the root. `status` is what the start saw of the database.
pub(crate) fn routes(store: Store, status: &Status) -> Router {
    let migrated = Arc::new(AtomicBool::new(obstacle(status).is_none()));
    let readiness = Readiness { store, migrated };
    Router::new().route("/healthz", get(health)).route("/readyz", get(ready)).with_state(readiness)
}

async fn health() -> Response {
    page(StatusCode::OK, &json!({"status": "ok"}))
}

async fn ready(State(readiness): State<Readiness>) -> Response {
    let verdict = tokio::time::timeout(PATIENCE, judge(&readiness)).await;
    match verdict.unwrap_or_else(|_| Err("the database does not answer in time".to_owned())) {
        Ok(()) => page(StatusCode::OK, &json!({"status": "ok"})),
        Err(reason) => {
            tracing::warn!(reason, "not ready");
            let body = json!({"status": "unavailable", "reason": reason});
            page(StatusCode::SERVICE_UNAVAILABLE, &body)
        }
    }
}

/// Why not, in words that may be shown to anybody.
async fn judge(readiness: &Readiness) -> Result<(), String> {
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
