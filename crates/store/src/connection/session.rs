//! What a connection is told or asked in the words of its database, beside all statements.

use sqlx::mysql::MySqlConnection;
use sqlx::postgres::PgPool;
use sqlx::{Executor as _, Row as _, SqliteConnection};

/// As Django connects: too long a text is an error and not cut, and a read after an insert that lost
/// a race sees the winner's row.
const MYSQL_SESSION: &str = "SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_TRANS_TABLES'); \
                             SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";

/// Whether the server is a node of Galera.
const MYSQL_IS_NODE: &str = "SHOW VARIABLES LIKE 'wsrep_on'";

/// A node of Galera reads what the others have committed a moment later, unless it is told to wait:
/// whoever has just logged out at one would still be known at the next.
const MYSQL_WAIT: &str = "SET SESSION wsrep_sync_wait = @@wsrep_sync_wait | 1";

/// The number of digits that the session has: what stands between may have dropped the driver's.
const POSTGRES_DIGITS: &str = "SHOW extra_float_digits";

/// Fails while a transaction is open, and does nothing otherwise.
const SQLITE_IN_AUTOCOMMIT: &str = "BEGIN; ROLLBACK";

/// Prepares a connection to MySQL or MariaDB.
pub(crate) async fn prepare_mysql(connection: &mut MySqlConnection) -> Result<(), sqlx::Error> {
    connection.execute(sqlx::raw_sql(MYSQL_SESSION)).await?;
    let is_node = match connection.fetch_optional(sqlx::raw_sql(MYSQL_IS_NODE)).await? {
        Some(row) => row.try_get::<String, _>(1)?.eq_ignore_ascii_case("on"),
        None => false,
    };
    if is_node {
        connection.execute(sqlx::raw_sql(MYSQL_WAIT)).await?;
    }
    Ok(())
}

/// The digits that a connection to PostgreSQL has.
pub(crate) async fn postgres_digits(pool: &PgPool) -> Result<String, sqlx::Error> {
    pool.fetch_one(sqlx::raw_sql(POSTGRES_DIGITS)).await?.try_get(0)
}

/// Whether SQLite itself is outside a transaction: inside one it refuses to begin another. An
/// earlier rollback of the driver is done by then.
pub(crate) async fn is_in_autocommit(connection: &mut SqliteConnection) -> bool {
    match connection.execute(sqlx::raw_sql(SQLITE_IN_AUTOCOMMIT)).await {
        Ok(_) => true,
        Err(error) => {
            tracing::warn!(%error, "a connection is closed because a transaction is open on it");
            false
        }
    }
}
