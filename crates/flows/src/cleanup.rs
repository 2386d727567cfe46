//! Removes expired rows, so that tables do not grow without limit.

use std::time::Duration;

use chrono::TimeDelta;
use rest_auth_store::StoreError;

use crate::auth::Auth;

/// How often expired rows are removed.
const INTERVAL: Duration = Duration::from_hours(1);
/// How long sent mails are kept, so that an administrator can check that they were sent.
const SENT_MAILS: TimeDelta = TimeDelta::days(1);
/// How long a client is known after its last login.
const KNOWN_CLIENTS: TimeDelta = TimeDelta::days(180);

/// Removes expired rows every hour until the future is dropped: the server runs one of these
/// beside its listener. Several instances may do so at once.
pub async fn clean_forever(auth: &Auth) {
    loop {
        let removed = clean(auth).await;
        if removed > 0 {
            tracing::info!(event = "cleanup", removed, "expired rows removed");
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

/// Removes every row that has expired, as Django's `clearsessions` and SimpleJWT's
/// `flushexpiredtokens` would, and tells how many there were. An error in one table is logged, and
/// the others are cleaned.
pub async fn clean(auth: &Auth) -> u64 {
    let (store, now) = (auth.store(), auth.now());
    let mut removed = 0;
    let mut count = |table: &'static str, outcome: Result<u64, StoreError>| match outcome {
        Ok(rows) => removed += rows,
        Err(error) => tracing::warn!(table, %error, "expired rows cannot be removed"),
    };
    count("django_session", store.delete_expired_sessions(now).await);
    if auth.settings().apps.token_blacklist {
        count("token_blacklist_outstandingtoken", store.flush_expired_tokens(now).await);
    }
    count("rest_auth_session", store.delete_expired_device_sessions(now).await);
    count("rest_auth_token", store.delete_expired_device_tokens(now).await);
    count("rest_auth_refresh_family", store.delete_ended_families(now).await);
    count("rest_auth_reauthentication", store.delete_expired_reauthentications(now).await);
    count("rest_auth_trusted_browser", store.delete_expired_trusted_browsers(now).await);
    count("rest_auth_one_time", store.delete_expired_one_times(now).await);
    count("rest_auth_rate_limit", store.delete_expired_rate_limits(now).await);
    count("rest_auth_outbox", store.delete_sent_mails(now - SENT_MAILS).await);
    let unseen_since = now - KNOWN_CLIENTS;
    count("rest_auth_known_client", store.delete_old_known_clients(unseen_since).await);
    removed
}
