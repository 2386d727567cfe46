//! The steps a database goes through, in order, and the SQL of each.

use sea_orm::DbBackend;

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Makes Django's tables, or accepts those that Django made.
    Django,
    /// Makes tables of our own.
    Own,
}

/// One step; its name is recorded once it is done and must never change.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    sqlite: &'static str,
    postgres: &'static str,
    mysql: &'static str,
}

impl Step {
    /// The SQL of this step for a database.
    pub(crate) fn sql(&self, backend: DbBackend) -> &'static str {
        match backend {
            DbBackend::Postgres => self.postgres,
            DbBackend::MySql => self.mysql,
            _ => self.sqlite,
        }
    }
}

/// A step whose SQL is in `sql/FILES.sqlite.sql` and the like.
macro_rules! step {
    ($kind:ident, $name:literal, $files:literal) => {
        Step {
            name: $name,
            kind: Kind::$kind,
            sqlite: include_str!(concat!("sql/", $files, ".sqlite.sql")),
            postgres: include_str!(concat!("sql/", $files, ".postgres.sql")),
            mysql: include_str!(concat!("sql/", $files, ".mysql.sql")),
        }
    };
}

/// All steps, oldest first. New ones go to the end.
pub(crate) const STEPS: &[Step] = &[
    step!(Django, "0001_django_tables", "django"),
    step!(Own, "0002_rest_auth_tables", "rest_auth"),
    step!(Own, "0003_rate_limits", "rate_limits"),
    step!(Own, "0004_user_fields", "user_fields"),
    step!(Own, "0006_known_clients", "known_clients"),
];

/// Recorded beside the first step when Django had made its tables already.
pub(crate) const ADOPTED: &str = "0001_django_tables_adopted";

/// Recorded while the first step runs. MySQL commits every statement by itself: after a broken run
/// this row tells that the tables found are the beginning of our own work and not Django's.
pub(crate) const STARTED: &str = "0001_django_tables_started";

/// Remembers which steps are done.
pub(crate) fn ledger(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => {
            "CREATE TABLE IF NOT EXISTS rest_auth_migration (\
             name varchar(100) NOT NULL PRIMARY KEY, applied_at timestamp with time zone NOT NULL)"
        }
        DbBackend::MySql => {
            "CREATE TABLE IF NOT EXISTS rest_auth_migration (\
             name varchar(100) NOT NULL PRIMARY KEY, applied_at datetime(6) NOT NULL) \
             ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"
        }
        _ => {
            "CREATE TABLE IF NOT EXISTS rest_auth_migration (\
             name varchar(100) NOT NULL PRIMARY KEY, applied_at datetime NOT NULL)"
        }
    }
}
