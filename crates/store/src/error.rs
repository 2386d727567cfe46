//! Errors of the database.

use std::sync::Arc;

use rest_auth_migration::MigrationError;
use sea_orm::{DbErr, RuntimeErr, SqlErr};
use sqlx::error::DatabaseError;
use sqlx::mysql::MySqlDatabaseError;
use sqlx::sqlite::SqliteError;

/// A rule of uniqueness that a write would have broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unique {
    /// Another user has this name.
    Username,
    /// Another account holds this address as verified.
    VerifiedEmail,
    /// The user has a primary address already.
    PrimaryEmail,
    /// The user has this address already.
    Email,
    /// A token, session key, digest or identifier exists already.
    Token,
    /// The provider's account is connected already.
    SocialAccount,
    /// Any other unique index.
    Other,
}

/// An error of the store. A missing row is not an error.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique value is in use.
    #[error("a unique value is in use: {0:?}")]
    Taken(Unique),
    /// The credentials of a user ended while they asked for a change, which was not made then.
    #[error("the credentials of the user have ended meanwhile")]
    CredentialsEnded,
    /// The settings cannot work.
    #[error("{0}")]
    Settings(String),
    /// The schema could not be brought up to date.
    #[error(transparent)]
    Migration(#[from] MigrationError),
    /// The database cannot be opened.
    #[error("{url}: {reason}")]
    Unreachable {
        /// Its address, with the password masked.
        url: String,
        /// What happened, and what to do about it.
        reason: String,
        /// What the driver said, of which `reason` has the words.
        cause: sqlx::Error,
    },
    /// The database could not be reached or refused a statement.
    #[error("the database failed")]
    Database(#[source] DbErr),
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(text)) => Self::Taken(violated(&text)),
            _ => Self::Database(error),
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error))))
    }
}

impl StoreError {
    /// Whether the database could not be reached, had no connection to spare, let another
    /// transaction go first, is read-only or has no room left: to be answered with 503, since the
    /// same request may work later. Anything else is a fault.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        let error = match self {
            Self::Database(error) | Self::Migration(MigrationError::Database(error)) => error,
            Self::Unreachable { cause, .. } => return is_outage(cause),
            Self::Taken(_) | Self::CredentialsEnded | Self::Settings(_) | Self::Migration(_) => {
                return false;
            }
        };
        match error {
            DbErr::Conn(_) | DbErr::ConnectionAcquire(_) => true,
            DbErr::Exec(RuntimeErr::SqlxError(cause))
            | DbErr::Query(RuntimeErr::SqlxError(cause)) => is_outage(cause),
            _ => false,
        }
    }

    /// Whether the database can be read and not written: its disk is full, it is read-only, or a
    /// file of SQLite or its folder is.
    #[must_use]
    pub fn is_unwritable(&self) -> bool {
        let (Self::Database(error) | Self::Migration(MigrationError::Database(error))) = self
        else {
            return false;
        };
        match error {
            DbErr::Conn(RuntimeErr::SqlxError(cause))
            | DbErr::Exec(RuntimeErr::SqlxError(cause))
            | DbErr::Query(RuntimeErr::SqlxError(cause)) => {
                cause.as_database_error().is_some_and(takes_no_writes)
            }
            _ => false,
        }
    }

    /// Whether the role may not use what is there.
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        use MigrationError::{Forbidden, NoSchema};
        matches!(self, Self::Migration(Forbidden { .. } | NoSchema { .. }))
    }

    /// Whether a row could not be written or removed because others refer to it.
    pub(crate) fn is_foreign_key(&self) -> bool {
        match self {
            Self::Database(error) => {
                matches!(error.sql_err(), Some(SqlErr::ForeignKeyConstraintViolation(_)))
                    // Deferred constraints are checked at COMMIT, which does not report the kind.
                    || error.to_string().to_ascii_lowercase().contains("foreign key constraint")
            }
            _ => false,
        }
    }
}

fn is_outage(cause: &sqlx::Error) -> bool {
    match cause {
        sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(error) => {
            is_away(cause)
                || is_busy(cause)
                || has_lost(error.as_ref())
                || takes_no_writes(error.as_ref())
        }
        _ => is_away(cause),
    }
}

/// Whether the database cannot be reached, or takes no connections or statements at this time.
pub(crate) fn is_away(cause: &sqlx::Error) -> bool {
    match cause {
        sqlx::Error::Io(_) => true,
        sqlx::Error::Database(error) => {
            let number = error.try_downcast_ref().map(MySqlDatabaseError::number);
            error.code().is_some_and(|code| tells_of_absence(&code, number))
                // So PgBouncer refuses what it does not know, by the state of a lost connection.
                && !error.message().starts_with("unsupported startup parameter")
        }
        _ => false,
    }
}

/// Whether a SQLSTATE, with the number that MySQL adds, says that the server is not there for us.
///
/// Class 08: the connection broke, is refused because there are too many (MySQL's 1040), or leads
/// to a server that shuts down (1053) or a node outside its cluster of Galera (1047); PgBouncer
/// says so of its own server. PostgreSQL: it is starting or shutting down (57P), or has no
/// connections left (53300). MySQL that shuts down interrupts what is under way (1317) and ends
/// connections (1927, and 3169 in version 8), all by a state that says nothing.
fn tells_of_absence(state: &str, mysql: Option<u16>) -> bool {
    match mysql {
        Some(number) => state.starts_with("08") || matches!(number, 1053 | 1317 | 1927 | 3169),
        None => state == "53300" || state.starts_with("57P") || state.starts_with("08"),
    }
}

/// Whether the transaction can be tried again, because another writer was first and the database
/// rolled it back.
pub(crate) fn gives_way(error: &DbErr) -> bool {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => {
            cause.as_database_error().is_some_and(has_lost)
        }
        _ => false,
    }
}

/// Whether the database preferred another writer.
///
/// SQLSTATE 40001 and 40P01: PostgreSQL could not serialize or found a deadlock; so did MySQL
/// (1213), or a node of Galera at COMMIT. MySQL alone: a lock was waited for too long (1205), a row
/// changed since it was read (1020). SQLite: a transaction wants to write and has read what
/// another changed since (`SQLITE_BUSY_SNAPSHOT`, 517).
fn has_lost(error: &dyn DatabaseError) -> bool {
    if let Some(error) = error.try_downcast_ref::<MySqlDatabaseError>() {
        return matches!(error.number(), 1213 | 1205 | 1020);
    }
    matches!(error.code().as_deref(), Some("40001" | "40P01" | "517"))
}

/// Whether the database can be read and not written: its disk is full, or it is read-only.
///
/// SQLite: `SQLITE_FULL` (13), `SQLITE_READONLY` (8), `SQLITE_IOERR` (10) and `SQLITE_CANTOPEN`
/// (14), each with what extends it in the higher bytes. PostgreSQL: 53100 and 25006. MySQL: the
/// disk or the table is full (1021, 1114), a file cannot be written (3, 1026), the server or the
/// transaction is read-only (1290, 1792, 1836).
pub(crate) fn takes_no_writes(error: &dyn DatabaseError) -> bool {
    if let Some(error) = error.try_downcast_ref::<MySqlDatabaseError>() {
        return matches!(error.number(), 3 | 1021 | 1026 | 1114 | 1290 | 1792 | 1836);
    }
    let Some(code) = error.code() else { return false };
    if error.try_downcast_ref::<SqliteError>().is_some() {
        return code.parse::<i32>().is_ok_and(|code| matches!(code & 0xff, 8 | 10 | 13 | 14));
    }
    matches!(code.as_ref(), "53100" | "25006")
}

/// SQLite: another process has been writing for longer than the busy timeout (`SQLITE_BUSY` and
/// its extensions `_RECOVERY` and `_SNAPSHOT`).
pub(crate) fn is_busy(cause: &sqlx::Error) -> bool {
    let code = cause.as_database_error().and_then(sqlx::error::DatabaseError::code);
    matches!(code.as_deref(), Some("5" | "261" | "517"))
}

/// Which rule the database's message is about.
///
/// PostgreSQL names the constraint in double quotes, MySQL the key in single quotes at the end
/// (version 8 with the table before it), SQLite lists `table.column` pairs. MySQL repeats the
/// refused value, which the client chose, so only what follows the last `for key` counts.
fn violated(text: &str) -> Unique {
    let text = text.rsplit("for key ").next().unwrap_or(text);
    let name = text.rsplit("constraint failed: ").next().unwrap_or(text);
    let name = name.rsplit("unique constraint ").next().unwrap_or(name);
    let name = name.trim().trim_matches(['\'', '"']);
    match name {
        "auth_user.username" | "auth_user_username_key" | "username" => Unique::Username,
        "account_emailaddress.email" | "unique_verified_email" => Unique::VerifiedEmail,
        "account_emailaddress.user_id, account_emailaddress.primary" | "unique_primary_email" => {
            Unique::PrimaryEmail
        }
        "account_emailaddress.user_id, account_emailaddress.email" => Unique::Email,
        _ if name.contains("account_emailaddress_user_id_email_") => Unique::Email,
        _ if name.contains("socialaccount_socialaccount") => Unique::SocialAccount,
        _ if is_token(name) => Unique::Token,
        _ => Unique::Other,
    }
}

/// Keys of tables whose primary or unique key is a token, a digest or the owner of a token.
fn is_token(name: &str) -> bool {
    // MariaDB tells neither table nor column of these.
    matches!(name, "PRIMARY" | "user_id" | "token_id")
        || ["authtoken_token", "django_session", "token_blacklist_", "rest_auth_"]
            .iter()
            .any(|table| name.starts_with(table) || name.starts_with(&format!("uq_{table}")))
}

#[cfg(test)]
mod tests {
    use super::{Unique, tells_of_absence, violated};

    #[test]
    fn reads_the_rule_from_the_words_of_all_three_databases() {
        let table = [
            ("UNIQUE constraint failed: auth_user.username", Unique::Username),
            (
                "duplicate key value violates unique constraint \"auth_user_username_key\"",
                Unique::Username,
            ),
            ("Duplicate entry 'ada' for key 'username'", Unique::Username),
            ("Duplicate entry 'ada' for key 'auth_user.username'", Unique::Username),
            ("UNIQUE constraint failed: account_emailaddress.email", Unique::VerifiedEmail),
            (
                "UNIQUE constraint failed: account_emailaddress.user_id, \
                 account_emailaddress.primary",
                Unique::PrimaryEmail,
            ),
            ("UNIQUE constraint failed: rest_auth_token.digest", Unique::Token),
            ("Duplicate entry '7' for key 'uq_rest_auth_token_digest'", Unique::Token),
            ("Duplicate entry 'x' for key 'PRIMARY'", Unique::Token),
            ("UNIQUE constraint failed: auth_group.name", Unique::Other),
        ];
        for (text, expected) in table {
            assert_eq!(violated(text), expected, "{text}");
        }
    }

    #[test]
    fn is_not_misled_by_the_value_a_client_chose() {
        let text = "Duplicate entry 'x' for key 'unique_verified_email' for key 'username'";
        assert_eq!(violated(text), Unique::Username);
    }

    #[test]
    fn knows_who_is_away_from_who_refuses() {
        let away = [
            ("57P01", None),
            ("57P03", None),
            ("53300", None),
            ("08006", None),
            ("08P01", None),
            ("08S01", Some(1047)),
            ("08S01", Some(1053)),
            ("08004", Some(1040)),
            ("70100", Some(1317)),
            ("70100", Some(1927)),
        ];
        for (state, mysql) in away {
            assert!(tells_of_absence(state, mysql), "{state} {mysql:?}");
        }
        // A wrong password, a missing table, a cancelled statement; a number of SQLite.
        let refused = [
            ("28P01", None),
            ("42P01", None),
            ("57014", None),
            ("8", None),
            ("28000", Some(1045)),
            ("42S02", Some(1146)),
        ];
        for (state, mysql) in refused {
            assert!(!tells_of_absence(state, mysql), "{state} {mysql:?}");
        }
    }
}
