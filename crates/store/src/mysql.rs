//! Connections to MySQL and MariaDB.

use std::str::FromStr;

use sea_orm::DatabaseConnection;
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection};
use sqlx::{ConnectOptions, Executor as _, MySql, Row as _};

use crate::{DatabaseSettings, connect_error, pool};

/// Opens the connections.
pub(crate) async fn connect(
    settings: &DatabaseSettings,
) -> Result<DatabaseConnection, sqlx::Error> {
    let url = settings.url.expose().replacen("mariadb:", "mysql:", 1);
    let options = MySqlConnectOptions::from_str(&url)?
        .charset("utf8mb4")
        .timezone(Some(String::from("+00:00")))
        .disable_statement_logging();
    let pool = pool::options::<MySql>(settings)
        .after_connect(|connection, _| Box::pin(prepare(connection)))
        .connect_with(options.clone())
        .await;
    match pool {
        Ok(pool) => Ok(pool.into()),
        Err(error) => Err(connect_error::cause(error, &options).await),
    }
}

async fn prepare(connection: &mut MySqlConnection) -> Result<(), sqlx::Error> {
    // As Django connects: too long a text is an error and not cut, and a read after an insert that
    // lost a race sees the winner's row.
    let session = sqlx::raw_sql(
        "SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_TRANS_TABLES'); \
         SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
    );
    connection.execute(session).await?;
    // A node of Galera reads what the others have committed a moment later, unless it is told to
    // wait: who has just logged out at one would still be known at the next.
    let asked = sqlx::raw_sql("SHOW VARIABLES LIKE 'wsrep_on'");
    let is_node = match connection.fetch_optional(asked).await? {
        Some(row) => row.try_get::<String, _>(1)?.eq_ignore_ascii_case("on"),
        None => false,
    };
    if is_node {
        let wait = sqlx::raw_sql("SET SESSION wsrep_sync_wait = @@wsrep_sync_wait | 1");
        connection.execute(wait).await?;
    }
    Ok(())
}
