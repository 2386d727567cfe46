//! Why a database cannot be opened, in words for one line.

use std::io;
use std::time::Duration;

use sqlx::ConnectOptions;

use crate::error::takes_no_writes;
use crate::{DatabaseSettings, StoreError};

/// How long the attempt may take that finds out why a pool got no connection.
const PATIENCE: Duration = Duration::from_secs(2);

/// Why a pool got no connection: it only says that it has waited. One more attempt tells.
pub(crate) async fn cause<O>(error: sqlx::Error, options: &O) -> sqlx::Error
where
    O: ConnectOptions<Connection: Sized>,
{
    if !matches!(error, sqlx::Error::PoolTimedOut) {
        return error;
    }
    match tokio::time::timeout(PATIENCE, options.connect()).await {
        Ok(Err(cause)) => cause,
        Ok(Ok(_)) | Err(_) => error,
    }
}

/// The error that names the address, what happened and what to do.
pub(crate) fn error(settings: &DatabaseSettings, error: sqlx::Error) -> StoreError {
    let patience = settings.acquire_timeout.as_secs_f64();
    let reason = match &error {
        sqlx::Error::Io(cause) => of_network(cause),
        sqlx::Error::PoolTimedOut => format!(
            "no answer within {patience} s; are host and port right, and does a firewall let it \
             through?"
        ),
        sqlx::Error::Database(cause) => of_database(cause.as_ref()),
        sqlx::Error::Configuration(cause) | sqlx::Error::Tls(cause) => cause.to_string(),
        other => other.to_string(),
    };
    StoreError::Unreachable { url: settings.url.masked(), reason, cause: error }
}

fn of_network(cause: &io::Error) -> String {
    match cause.kind() {
        io::ErrorKind::ConnectionRefused => {
            format!("{cause}; is the database running, and are host and port right?")
        }
        io::ErrorKind::NotFound => format!("{cause}; is there such a socket?"),
        _ if cause.to_string().contains("lookup address") => {
            format!("{cause}; is the name of the host right?")
        }
        _ => cause.to_string(),
    }
}

/// The message alone: the drivers add lines of their server's source and numbers.
fn of_database(cause: &dyn sqlx::error::DatabaseError) -> String {
    let message = cause.message();
    match cause.code().as_deref() {
        // PostgreSQL, MySQL: there is no such database.
        Some("3D000" | "42000") => format!("{message}; create it first, or correct the name"),
        // The login is refused.
        Some("28P01" | "28000") => format!("{message}; are user and password right?"),
        // SQLite: the file cannot be opened, or is none of its own.
        Some("14") => format!("{message}; may this user read and write it and its folder?"),
        Some("26") => format!("{message}; does `database.url` name the right file?"),
        _ if takes_no_writes(cause) => format!(
            "it cannot be written: {message}; may this user write it and its folder, and has the \
             disk room?"
        ),
        _ => message.to_owned(),
    }
}
