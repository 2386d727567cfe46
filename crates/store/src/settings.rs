//! `[database]`: where the data is, and how to reach it.

use std::time::Duration;

use rest_auth_settings::settings;
use rest_auth_settings::{ConnectionUrl, minutes, seconds};

use crate::StoreError;

/// The kinds of database that are supported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// SQLite, in a file.
    Sqlite,
    /// PostgreSQL 13 or later.
    Postgres,
    /// MariaDB 10.6 and later. MySQL 8 was not tried.
    Mysql,
}

impl Backend {
    /// The kind of database in a URL.
    ///
    /// # Errors
    /// When the scheme is none of `sqlite`, `postgres`, `postgresql`, `mysql` and `mariadb`.
    pub fn of(url: &str) -> Result<Self, StoreError> {
        match url.split(':').next().unwrap_or_default() {
            "sqlite" => Ok(Self::Sqlite),
            "postgres" | "postgresql" => Ok(Self::Postgres),
            "mysql" | "mariadb" => Ok(Self::Mysql),
            _ => Err(StoreError::Settings(
                "the URL must begin with sqlite:, postgres: or mysql:".to_owned(),
            )),
        }
    }
}

settings! {
    /// The database.
    pub struct DatabaseSettings = "database" {
        /// Address: `sqlite://FILE`, `postgres://USER:PASSWORD@HOST/NAME` or
        /// `mysql://USER:PASSWORD@HOST/NAME`.
        url: ConnectionUrl = ConnectionUrl::new("sqlite://rest-auth.sqlite3"),
        /// Maximum number of connections. On SQLite they are for reading, and there is one more for
        /// writing.
        #[range(1.0, 10_000.0)]
        max_connections: u32 = 10,
        /// Minimum number of open connections.
        #[range(0.0, 10_000.0)]
        min_connections: u32 = 1,
        /// How long a request waits for a connection.
        #[range(0.1, 600.0)]
        acquire_timeout: Duration = seconds(5),
        /// How long a server that starts waits for a database that does not answer, the last attempt,
        /// of `acquire_timeout`, included.
        #[range(0.0, 3_600.0)]
        connect_timeout: Duration = seconds(20),
        /// SQLite: how long a statement waits for another process that writes.
        #[range(0.0, 600.0)]
        busy_timeout: Duration = seconds(5),
        /// An idle connection is closed after this time.
        #[range(1.0, 86_400.0)]
        idle_timeout: Duration = minutes(10),
        /// A connection is replaced after this time, so that a failover takes effect.
        #[range(1.0, 86_400.0)]
        max_lifetime: Duration = minutes(30),
        /// PostgreSQL behind a pooler that lends a connection for one transaction at a time, such as
        /// PgBouncer with `pool_mode = transaction`: each statement is a transaction of its own and
        /// is not kept prepared, which takes longer. None: if something like a pooler is there.
        transaction_pooling: Option<bool> = None,
        /// Apply migrations when the server starts. None: only to SQLite.
        migrate_on_start: Option<bool> = None,
    }
}

impl DatabaseSettings {
    /// Whether the server applies migrations when it starts.
    #[must_use]
    pub fn migrates_on_start(&self) -> bool {
        self.migrate_on_start.unwrap_or_else(|| self.url.scheme() == "sqlite")
    }
}

#[cfg(test)]
mod tests {
    use rest_auth_settings::Profile;

    use super::*;

    #[test]
    fn knows_the_database_by_its_scheme() {
        assert_eq!(Backend::of("sqlite:a.db").unwrap(), Backend::Sqlite);
        assert_eq!(Backend::of("postgresql://h/d").unwrap(), Backend::Postgres);
        assert_eq!(Backend::of("mariadb://h/d").unwrap(), Backend::Mysql);
        assert!(Backend::of("oracle://h/d").is_err());
    }

    #[test]
    fn only_sqlite_is_migrated_without_being_asked() {
        let mut settings = DatabaseSettings::defaults(Profile::Strict);
        assert!(settings.migrates_on_start());
        settings.url = ConnectionUrl::new("postgres://db/auth");
        assert!(!settings.migrates_on_start());
        settings.migrate_on_start = Some(true);
        assert!(settings.migrates_on_start());
    }
}
