//! Connections to PostgreSQL.

use std::net::IpAddr;
use std::str::FromStr;

use sea_orm::DatabaseConnection;
use sqlx::postgres::{PgConnectOptions, PgPool, PgSslMode};
use sqlx::{ConnectOptions, Postgres};

use crate::connection::Names;
use crate::connection::session::postgres_digits;
use crate::{DatabaseSettings, connect_error, pool};

/// How many digits the driver asks for.
const DIGITS: &str = "2";

/// Opens the connections, and tells whether their statements can have names.
///
/// Connections to a server on this machine are not encrypted, unless the server or the URL requires
/// it. Encryption would not protect against anybody who can listen on this machine, and the
/// handshake takes a tenth of a second for each connection, because PostgreSQL wants another curve
/// than is offered first and the driver leaves Nagle's algorithm on.
pub(crate) async fn connect(
    settings: &DatabaseSettings,
) -> Result<(DatabaseConnection, Names), sqlx::Error> {
    // The session's time zone is UTC without asking: the driver sets it.
    let options = PgConnectOptions::from_str(settings.url.expose())?.disable_statement_logging();
    if !may_be_plain(&options) {
        return behind_whatever(settings, options).await;
    }
    let plain = options.clone().ssl_mode(PgSslMode::Disable);
    match behind_whatever(settings, plain).await {
        Err(error) if is_not_let_in(&error) => behind_whatever(settings, options).await,
        opened => opened,
    }
}

/// Finds out whether a pooler stands between, unless the settings tell.
///
/// The driver asks for a number of digits that nobody would choose, which PgBouncer refuses or is
/// told to pass over, because it would have to set it for each transaction.
async fn behind_whatever(
    settings: &DatabaseSettings,
    options: PgConnectOptions,
) -> Result<(DatabaseConnection, Names), sqlx::Error> {
    let lean = options.clone().extra_float_digits(None);
    let opened = match settings.transaction_pooling {
        Some(true) => None,
        Some(false) => match open(settings, options).await {
            Err(error) if refuses_digits(&error) => Some(open(settings, lean.clone()).await?),
            opened => Some(opened?),
        },
        None => directly(settings, options).await?,
    };
    if let Some(pool) = opened {
        return Ok((pool.into(), Names::Kept));
    }
    let forgetful = lean.statement_cache_capacity(0);
    Ok((open(settings, forgetful).await?.into(), Names::Unused))
}

/// Connects if nothing stands between.
async fn directly(
    settings: &DatabaseSettings,
    options: PgConnectOptions,
) -> Result<Option<PgPool>, sqlx::Error> {
    match open(settings, options).await {
        Err(error) if refuses_digits(&error) => {}
        opened => {
            let pool = opened?;
            if postgres_digits(&pool).await? == DIGITS {
                return Ok(Some(pool));
            }
            pool.close().await;
        }
    }
    tracing::info!(
        "a pooler stands before the database: each statement is a transaction of its own and has \
         no name; `database.transaction_pooling` says whether it must be"
    );
    Ok(None)
}

async fn open(
    settings: &DatabaseSettings,
    options: PgConnectOptions,
) -> Result<PgPool, sqlx::Error> {
    match pool::options::<Postgres>(settings).connect_with(options.clone()).await {
        Err(error) => Err(connect_error::cause(error, &options).await),
        opened => opened,
    }
}

/// Whether the other side does not take the number of digits. PgBouncer has the same code for all
/// that it does not understand.
fn refuses_digits(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| error.message().contains("extra_float_digits"))
}

/// Whether the server is on this machine and the URL does not require TLS: `prefer` is the default.
fn may_be_plain(options: &PgConnectOptions) -> bool {
    let host = options.get_host().trim_matches(['[', ']']);
    let is_here = host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    is_here && matches!(options.get_ssl_mode(), PgSslMode::Prefer)
}

/// Whether `pg_hba.conf` has no line for this connection; with TLS it may have one.
fn is_not_let_in(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    code.as_deref() == Some("28000")
}

#[cfg(test)]
mod tests {
    use rest_auth_settings::{ConnectionUrl, Profile};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    /// What a client sends to ask for TLS, after the length.
    const SSL_REQUEST: u32 = 80_877_103;
    /// The version of the protocol, with which a client begins that wants no TLS.
    const STARTUP: u32 = 196_608;
    /// That `pg_hba.conf` has no line for this connection, as little of it as a client needs.
    const NOT_LET_IN: &[u8] = b"E\0\0\0\x1cSFATAL\0C28000\0Mencrypt\0\0";

    /// The first words of the connections that an address causes at a server that lets nobody in.
    async fn first_words(options: &str) -> Vec<u32> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = tokio::spawn(async move {
            let mut words = Vec::new();
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let _length = stream.read_u32().await.unwrap();
                words.push(stream.read_u32().await.unwrap());
                if words.last() == Some(&SSL_REQUEST) {
                    return words;
                }
                stream.write_all(NOT_LET_IN).await.unwrap();
            }
        });
        let settings = DatabaseSettings {
            url: ConnectionUrl::new(format!("postgres://somebody@127.0.0.1:{port}/db{options}")),
            ..DatabaseSettings::defaults(Profile::Strict)
        };
        assert!(connect(&settings).await.is_err());
        server.await.unwrap()
    }

    #[tokio::test]
    async fn a_server_that_wants_tls_gets_it() {
        assert_eq!(first_words("").await, [STARTUP, SSL_REQUEST]);
    }

    #[tokio::test]
    async fn who_asks_for_tls_is_never_plain() {
        assert_eq!(first_words("?sslmode=require").await, [SSL_REQUEST]);
    }

    #[test]
    fn only_this_machine_is_spoken_to_in_the_clear() {
        for (url, plain) in [
            ("postgres://a@localhost/db", true),
            ("postgres://a@127.0.0.1/db", true),
            ("postgres://a@[::1]/db", true),
            ("postgres://a@[::1]/db?sslmode=verify-full", false),
            ("postgres://a@10.0.0.1/db", false),
            ("postgres://a@db.example.com/db", false),
            ("postgres://a@localhost.example.com/db", false),
        ] {
            assert_eq!(may_be_plain(&url.parse().unwrap()), plain, "{url}");
        }
    }
}
