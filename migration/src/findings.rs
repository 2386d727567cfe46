//! Findings about a database before and after migrating.

use std::collections::HashSet;
use std::fmt;

use crate::django;
use crate::indexes::DjangoIndex;
use crate::origin::SchemaOrigin;

/// The table that most projects do without. Whoever switches second factors on is told by the server.
const OPTIONAL: &str = "dj_rest_auth_mfa_authenticator";

/// Something an administrator should know about a database that Django has migrated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaFinding {
    /// Django's tables exist but `auth_user` does not: the project has a user model of its own.
    NoUserTable,
    /// A table that some feature needs does not exist, because the project lacks its application.
    MissingTable(&'static str),
    /// Django has applied a migration that this release does not know: a newer stack.
    NewerMigration {
        /// The Django application.
        app: String,
        /// The migration's name.
        name: String,
    },
    /// A newer release of this server has upgraded the database.
    NewerRelease {
        /// The step that it applied.
        step: String,
    },
    /// An index of ours on one of Django's tables is not there: look-ups read the whole table.
    MissingIndex(DjangoIndex),
    /// Django has not applied a migration that this release relies on: an older stack.
    MissingMigration {
        /// The Django application.
        app: &'static str,
        /// The migration's name.
        name: &'static str,
    },
}

impl SchemaFinding {
    /// Whether the server cannot work at all on such a database.
    #[must_use]
    pub fn is_fatal(&self) -> bool {
        matches!(self, Self::NoUserTable)
    }
}

impl fmt::Display for SchemaFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoUserTable => f.write_str(
                "Django has migrated this database but there is no table auth_user: \
                 projects with their own user model (AUTH_USER_MODEL) are not supported",
            ),
            Self::MissingTable(table) if table.starts_with("account_") => write!(
                f,
                "table {table} does not exist: the project has no django-allauth, so logins and \
                 password resets go by auth_user.email, and registration is not offered"
            ),
            Self::MissingTable(table) if table.starts_with("token_blacklist_") => write!(
                f,
                "table {table} does not exist: the project keeps no list of refresh tokens, and \
                 `apps.token_blacklist = true` would need one \
                 (rest_framework_simplejwt.token_blacklist)"
            ),
            Self::MissingTable(table) => {
                write!(f, "table {table} does not exist: add its application in Django")
            }
            Self::NewerMigration { app, name } => write!(
                f,
                "Django migration {app}.{name} is newer than this release knows: upgrade the server"
            ),
            Self::NewerRelease { step } => {
                write!(f, "a newer release of this server has applied {step}: upgrade this one")
            }
            Self::MissingIndex(DjangoIndex { name, ddl }) => write!(
                f,
                "index {name} on auth_user does not exist, so that searches read the whole table: \
                 run `rest-auth migrate`, or as the owner of the table: {ddl}"
            ),
            Self::MissingMigration { app, name } => write!(
                f,
                "Django migration {app}.{name} has not been applied: upgrade the Django project"
            ),
        }
    }
}

/// How far a database is migrated.
#[derive(Clone, Debug)]
pub struct MigrationStatus {
    /// The recorded steps.
    pub applied: Vec<String>,
    /// The steps still to apply, in order.
    pub pending: Vec<String>,
    /// Which software made Django's tables.
    pub origin: SchemaOrigin,
    /// The indexes of ours that Django's tables have.
    pub indexes: Vec<&'static str>,
    /// The findings.
    pub findings: Vec<SchemaFinding>,
}

impl MigrationStatus {
    /// Whether the server may work on this database.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.pending.is_empty() && !self.findings.iter().any(SchemaFinding::is_fatal)
    }
}

/// Compares a migrated database with what this release knows of Django.
pub(crate) fn examine(tables: &HashSet<String>, rows: &[(String, String)]) -> Vec<SchemaFinding> {
    if !tables.contains("auth_user") {
        return vec![SchemaFinding::NoUserTable];
    }
    let mut findings: Vec<SchemaFinding> = django::TABLES
        .iter()
        .filter(|table| !tables.contains(**table) && **table != OPTIONAL)
        .map(|table| SchemaFinding::MissingTable(table))
        .collect();
    let present: HashSet<(&str, &str)> =
        rows.iter().map(|(app, name)| (app.as_str(), name.as_str())).collect();
    let known: HashSet<(&str, &str)> = django::MIGRATIONS.iter().copied().collect();
    for (app, name) in rows {
        if django::knows_app(app) && !known.contains(&(app.as_str(), name.as_str())) {
            findings.push(SchemaFinding::NewerMigration { app: app.clone(), name: name.clone() });
        }
    }
    // An application without any row is not installed; its tables have been reported above.
    let installed: HashSet<&str> = rows.iter().map(|(app, _)| app.as_str()).collect();
    for (app, name) in django::MIGRATIONS {
        if installed.contains(app) && !present.contains(&(*app, *name)) {
            findings.push(SchemaFinding::MissingMigration { app, name });
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded() -> (HashSet<String>, Vec<(String, String)>) {
        let tables = django::TABLES.iter().map(|table| (*table).to_owned()).collect();
        let rows = django::MIGRATIONS
            .iter()
            .map(|(app, name)| ((*app).to_owned(), (*name).to_owned()))
            .collect();
        (tables, rows)
    }

    #[test]
    fn finds_nothing_in_the_recorded_state() {
        let (tables, rows) = recorded();
        assert_eq!(examine(&tables, &rows), []);
    }

    #[test]
    fn tells_newer_from_older_stacks() {
        let (tables, mut rows) = recorded();
        rows.retain(|(app, name)| !(app == "mfa" && name.starts_with("0003")));
        rows.push(("account".into(), "0010_later".into()));
        rows.push(("shop".into(), "0001_initial".into()));
        assert_eq!(
            examine(&tables, &rows),
            [
                SchemaFinding::NewerMigration { app: "account".into(), name: "0010_later".into() },
                SchemaFinding::MissingMigration {
                    app: "mfa",
                    name: "0003_authenticator_type_uniq"
                },
            ]
        );
    }

    #[test]
    fn reports_a_missing_application_once_by_its_tables() {
        let (mut tables, mut rows) = recorded();
        tables.remove("authtoken_token");
        rows.retain(|(app, _)| app != "authtoken");
        tables.remove(OPTIONAL);
        assert_eq!(examine(&tables, &rows), [SchemaFinding::MissingTable("authtoken_token")]);
    }

    #[test]
    fn cannot_work_without_the_user_table() {
        let (mut tables, rows) = recorded();
        tables.remove("auth_user");
        let findings = examine(&tables, &rows);
        assert_eq!(findings, [SchemaFinding::NoUserTable]);
        assert!(findings[0].is_fatal());
    }
}
