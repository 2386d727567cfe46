//! Pools of connections. A connection that is inside a transaction is closed and never goes back
//! to its pool: what the next request writes there would be part of a transaction that nobody
//! commits.

use std::time::Duration;

use sqlx::pool::PoolOptions;
use sqlx::{Connection, Database, Sqlite};

use crate::DatabaseSettings;
use crate::connection::session::is_in_autocommit;

/// A connection that was idle for this long is pinged before it is used.
const PING_AFTER: Duration = Duration::from_secs(30);

/// The options of connections to any database.
pub(crate) fn options<DB: Database>(settings: &DatabaseSettings) -> PoolOptions<DB> {
    PoolOptions::new()
        .max_connections(settings.max_connections)
        .min_connections(settings.min_connections.min(settings.max_connections))
        .acquire_timeout(settings.acquire_timeout)
        .idle_timeout(settings.idle_timeout)
        .max_lifetime(settings.max_lifetime)
        // A ping before every use would double the work of a request.
        .test_before_acquire(false)
        .before_acquire(|connection: &mut DB::Connection, meta| {
            Box::pin(async move {
                if meta.idle_for > PING_AFTER {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .after_release(|connection: &mut DB::Connection, _| {
            Box::pin(async move {
                if connection.is_in_transaction() {
                    // The rollback of a dropped transaction may still be running.
                    connection.ping().await?;
                }
                Ok(has_left_transaction(connection))
            })
        })
}

/// The options of the one connection that writes to SQLite.
pub(crate) fn sqlite_writer(settings: &DatabaseSettings) -> PoolOptions<Sqlite> {
    options::<Sqlite>(settings).after_release(|connection, _| {
        Box::pin(async move {
            Ok(is_in_autocommit(connection).await && has_left_transaction(connection))
        })
    })
}

/// Whether the driver knows of no transaction. When SQLite rolls back by itself, because the disk
/// is full for example, the driver's ROLLBACK fails and it goes on counting the transaction: what
/// it begins next are savepoints, which no COMMIT follows.
fn has_left_transaction<C: Connection>(connection: &C) -> bool {
    if connection.is_in_transaction() {
        tracing::warn!("a connection is closed because its transaction could not be ended");
        return false;
    }
    true
}
