//! Connections to MySQL and MariaDB.

use std::str::FromStr;

use sea_orm::DatabaseConnection;
use sqlx::mysql::MySqlConnectOptions;
use sqlx::{ConnectOptions, MySql};

use crate::connection::session::prepare_mysql;
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
        .after_connect(|connection, _| Box::pin(prepare_mysql(connection)))
        .connect_with(options.clone())
        .await;
    match pool {
        Ok(pool) => Ok(pool.into()),
        Err(error) => Err(connect_error::cause(error, &options).await),
    }
}
