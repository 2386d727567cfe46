//! Indexes of ours on Django's `auth_user`, for what Django looks up by reading the whole table:
//! names without regard to case, superusers, and addresses in the user's own column, without regard
//! to case where the project has no allauth. That cannot be told from the tables: an application
//! that was taken out of a project leaves its own behind.
//!
//! Django knows nothing of them and drops them at times: on SQLite any change of the table makes it
//! anew. So no step makes them; every call of [`crate::up`] makes those that are missing.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{DbBackend, Statement, TransactionSession as _, TransactionTrait};

/// An index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DjangoIndex {
    /// Its name.
    pub name: &'static str,
    /// The statement that makes it.
    pub ddl: &'static str,
}

/// PostgreSQL compares names and addresses as Django's `iexact` does, by `UPPER`. The key is part of the index,
/// because a search in the order of keys, of which the first few are wanted, would otherwise be
/// planned as a walk over the primary key.
const POSTGRES: &[DjangoIndex] = &[
    DjangoIndex {
        name: "ix_rest_auth_user_upper_username",
        ddl: "CREATE INDEX ix_rest_auth_user_upper_username \
              ON auth_user (UPPER(\"username\"), \"id\")",
    },
    DjangoIndex {
        name: "ix_rest_auth_user_email",
        ddl: "CREATE INDEX ix_rest_auth_user_email ON auth_user (\"email\", \"id\")",
    },
    DjangoIndex {
        name: "ix_rest_auth_user_upper_email",
        ddl: "CREATE INDEX ix_rest_auth_user_upper_email \
              ON auth_user (UPPER(\"email\"), \"id\")",
    },
    DjangoIndex {
        name: "ix_rest_auth_user_superusers",
        ddl: "CREATE INDEX ix_rest_auth_user_superusers \
              ON auth_user (\"is_superuser\", \"id\") WHERE \"is_superuser\"",
    },
];

/// `LIKE` takes an index only if that ignores the case of ASCII letters as `LIKE` does.
const SQLITE: &[DjangoIndex] = &[
    DjangoIndex {
        name: "ix_rest_auth_user_nocase_username",
        ddl: "CREATE INDEX ix_rest_auth_user_nocase_username \
              ON auth_user (\"username\" COLLATE NOCASE)",
    },
    DjangoIndex {
        name: "ix_rest_auth_user_email",
        ddl: "CREATE INDEX ix_rest_auth_user_email ON auth_user (\"email\")",
    },
    DjangoIndex {
        name: "ix_rest_auth_user_nocase_email",
        ddl: "CREATE INDEX ix_rest_auth_user_nocase_email \
              ON auth_user (\"email\" COLLATE NOCASE)",
    },
    DjangoIndex {
        name: "ix_rest_auth_user_superusers",
        ddl: "CREATE INDEX ix_rest_auth_user_superusers \
              ON auth_user (\"is_superuser\") WHERE \"is_superuser\" = TRUE",
    },
];

/// The collation ignores case, so that Django's own index serves names, and one of ours addresses.
const MYSQL: &[DjangoIndex] = &[
    DjangoIndex {
        name: "ix_rest_auth_user_email",
        ddl: "CREATE INDEX ix_rest_auth_user_email ON auth_user (email)",
    },
    DjangoIndex {
        name: "ix_rest_auth_user_superusers",
        ddl: "CREATE INDEX ix_rest_auth_user_superusers ON auth_user (is_superuser)",
    },
];

/// The indexes that a database should have.
fn wanted(backend: DbBackend) -> &'static [DjangoIndex] {
    match backend {
        DbBackend::Postgres => POSTGRES,
        DbBackend::MySql => MYSQL,
        _ => SQLITE,
    }
}

/// Those that `auth_user`, which must exist, has, and those that it lacks.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn present_and_missing<C: ConnectionTrait>(
    db: &C,
) -> Result<(Vec<DjangoIndex>, Vec<DjangoIndex>), DbErr> {
    let names = names(db).await?;
    let wanted = wanted(db.get_database_backend()).iter().copied();
    Ok(wanted.partition(|index| names.iter().any(|name| name == index.name)))
}

/// Makes those that are missing and returns the names of those that it made. One that cannot be
/// made, on a table that belongs to another role for instance, is told and left: everything works
/// without it, only slowly.
///
/// # Errors
/// Errors of the database at finding out what is missing.
#[expect(clippy::disallowed_methods, reason = "the lock of the migration is held already")]
pub(crate) async fn make<C>(db: &C) -> Result<Vec<&'static str>, DbErr>
where
    C: ConnectionTrait + TransactionTrait,
{
    let mut made = Vec::new();
    let (_, missing) = present_and_missing(db).await?;
    for index in missing {
        // On PostgreSQL an error would end the transaction that this may stand in.
        let own = db.begin().await?;
        match own.execute_unprepared(index.ddl).await {
            Ok(_) => {
                own.commit().await?;
                made.push(index.name);
            }
            Err(error) => {
                own.rollback().await?;
                let name = index.name;
                tracing::warn!(index = name, %error, "an index on auth_user could not be made");
            }
        }
    }
    Ok(made)
}

/// The names of the indexes on `auth_user`.
async fn names<C: ConnectionTrait>(db: &C) -> Result<Vec<String>, DbErr> {
    let backend = db.get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => {
            "SELECT indexname::text AS name FROM pg_indexes \
             WHERE schemaname = current_schema() AND tablename = 'auth_user'"
        }
        // Without the conversion MySQL 8 answers in a binary type.
        DbBackend::MySql => {
            "SELECT DISTINCT CONVERT(index_name USING utf8mb4) AS name \
             FROM information_schema.statistics \
             WHERE table_schema = DATABASE() AND table_name = 'auth_user'"
        }
        _ => "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'auth_user'",
    };
    let rows = db.query_all_raw(Statement::from_string(backend, sql)).await?;
    rows.iter().map(|row| row.try_get::<String>("", "name")).collect()
}
