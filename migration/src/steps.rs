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

/// All steps, oldest first. New ones go to the end.
pub(crate) const STEPS: &[Step] = &[
    Step {
        name: "0001_django_tables",
        kind: Kind::Django,
        sqlite: include_str!("sql/django.sqlite.sql"),
        postgres: include_str!("sql/django.postgres.sql"),
        mysql: include_str!("sql/django.mysql.sql"),
    },
    Step {
        name: "0002_rest_auth_tables",
        kind: Kind::Own,
        sqlite: include_str!("sql/rest_auth.sqlite.sql"),
        postgres: include_str!("sql/rest_auth.postgres.sql"),
        mysql: include_str!("sql/rest_auth.mysql.sql"),
    },
    Step {
        name: "0003_rate_limits",
        kind: Kind::Own,
        sqlite: include_str!("sql/rate_limits.sqlite.sql"),
        postgres: include_str!("sql/rate_limits.postgres.sql"),
        mysql: include_str!("sql/rate_limits.mysql.sql"),
    },
    Step {
        name: "0004_user_fields",
        kind: Kind::Own,
        sqlite: include_str!("sql/user_fields.sqlite.sql"),
        postgres: include_str!("sql/user_fields.postgres.sql"),
        mysql: include_str!("sql/user_fields.mysql.sql"),
    },
    Step {
        name: "0006_known_clients",
        kind: Kind::Own,
        sqlite: include_str!("sql/known_clients.sqlite.sql"),
        postgres: include_str!("sql/known_clients.postgres.sql"),
        mysql: include_str!("sql/known_clients.mysql.sql"),
    },
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
