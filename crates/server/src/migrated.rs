//! Whether the database is migrated. A server may start before it is: until then every request is
//! answered with 503, and neither mails nor the clean-up are tried.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use rest_auth_domain::message::Message;
use rest_auth_flows::auth::Auth;
use rest_auth_flows::open::{MigrationStatus, StoreError, not_ready_reason};
use serde_json::json;

/// How often it is asked for.
const INTERVAL: Duration = Duration::from_secs(1);

/// When a client may try again, in seconds.
const RETRY_IN: u64 = 5;

/// Whether the database is migrated. Clones share it.
#[derive(Clone)]
pub(crate) struct Migrated {
    auth: Auth,
    /// Migrations are never undone, so this is checked until it is true once.
    is_done: Arc<AtomicBool>,
}

impl Migrated {
    /// `status` is the state of the database at the start.
    pub(crate) fn new(auth: Auth, status: &MigrationStatus) -> Self {
        let is_done = Arc::new(AtomicBool::new(not_ready_reason(status).is_none()));
        Self { auth, is_done }
    }

    /// Whether it was migrated when somebody last asked.
    fn is_done(&self) -> bool {
        self.is_done.load(Ordering::Relaxed)
    }

    /// Why the server cannot work on the database; none if it is migrated.
    pub(crate) async fn reason(&self) -> Result<Option<String>, StoreError> {
        if self.is_done() {
            return Ok(None);
        }
        let status = self.auth.store().migration_status().await?;
        let reason = not_ready_reason(&status);
        if reason.is_none() && !self.is_done.swap(true, Ordering::Relaxed) {
            tracing::info!("the database is migrated");
        }
        Ok(reason)
    }

    /// Waits until it is migrated.
    pub(crate) async fn wait(&self) {
        while !matches!(self.reason().await, Ok(None)) {
            tokio::time::sleep(INTERVAL).await;
        }
    }
}

/// Answers for the API as long as the database is not migrated.
pub(crate) async fn refuse_until_migrated(
    State(migrated): State<Migrated>,
    request: Request,
    next: Next,
) -> Response {
    if migrated.is_done() {
        return next.run(request).await;
    }
    let body = json!({"detail": Message::Overloaded.to_string()}).to_string();
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (RETRY_AFTER, HeaderValue::from(RETRY_IN)),
    ];
    (StatusCode::SERVICE_UNAVAILABLE, headers, body).into_response()
}
