//! Applies the steps.

use std::collections::HashSet;

use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, Statement};

use crate::findings::{Finding, Origin, Status, examine};
use crate::lock::Locked;
use crate::steps::{ADOPTED, Kind, STARTED, STEPS, Step, ledger};
use crate::{MigrationError, catalog, django, split};

/// What a call of [`up`] did.
#[derive(Clone, Debug)]
pub struct Report {
    /// The steps that this call applied; empty when there was nothing to do.
    pub applied: Vec<&'static str>,
    /// The state of the database afterwards.
    pub status: Status,
}

/// Tells how far a database is migrated, without changing it.
///
/// # Errors
/// When the database cannot be read.
pub async fn status<C: ConnectionTrait>(db: &C) -> Result<Status, MigrationError> {
    let tables = catalog::tables(db).await?;
    let applied = catalog::applied(db, &tables).await?;
    let pending = STEPS
        .iter()
        .map(|step| step.name)
        .filter(|name| !applied.iter().any(|done| done == name))
        .collect();
    let origin = origin(&tables, &applied);
    let mut findings = if origin == Origin::Empty {
        Vec::new()
    } else {
        examine(&tables, &catalog::django_migrations(db, &tables).await?)
    };
    let unknown = applied.iter().filter(|name| !is_known(name));
    findings.extend(unknown.map(|name| Finding::NewerRelease { step: name.clone() }));
    Ok(Status { applied, pending, origin, findings })
}

/// Applies all pending steps. Safe to call from many instances at once: one works, the others
/// wait and then find nothing to do. PostgreSQL and SQLite keep all steps or none; on MySQL, which
/// commits every statement, a broken run is completed by the next call.
///
/// # Errors
/// When a statement fails, when the lock is not free within a minute, and on a Django database
/// without `auth_user`.
pub async fn up(db: &DatabaseConnection) -> Result<Report, MigrationError> {
    let before = status(db).await?;
    if before.pending.is_empty() {
        return Ok(Report { applied: Vec::new(), status: before });
    }
    let lock = Locked::acquire(db).await?;
    let applied = match apply_pending(lock.connection()).await {
        Ok(applied) => applied,
        Err(failure) => {
            if let Err(error) = lock.roll_back().await {
                tracing::warn!(%error, "a failed migration could not be rolled back");
            }
            return Err(failure);
        }
    };
    lock.commit().await?;
    Ok(Report { applied, status: status(db).await? })
}

async fn apply_pending(db: &DatabaseTransaction) -> Result<Vec<&'static str>, MigrationError> {
    // Read again under the lock: another instance may have been faster.
    let tables = catalog::tables(db).await?;
    let applied = catalog::applied(db, &tables).await?;
    let origin = origin(&tables, &applied);
    if origin == Origin::Django && !tables.contains("auth_user") {
        return Err(MigrationError::NoUserTable);
    }
    db.execute_unprepared(ledger(db.get_database_backend())).await?;
    let mut done = Vec::new();
    for step in STEPS.iter().filter(|step| !applied.iter().any(|name| name == step.name)) {
        let outcome = match (step.kind, origin) {
            (Kind::Django, Origin::Django) => record(db, ADOPTED).await,
            (Kind::Django, _) => create_django_tables(db, step).await,
            (Kind::Own, _) => run(db, step).await,
        };
        outcome.map_err(|source| MigrationError::Step { step: step.name, source })?;
        record(db, step.name).await?;
        tracing::info!(step = step.name, "migration applied");
        done.push(step.name);
    }
    Ok(done)
}

fn is_known(name: &str) -> bool {
    [ADOPTED, STARTED].contains(&name) || STEPS.iter().any(|step| step.name == name)
}

/// Who made the tables that are there.
fn origin(tables: &HashSet<String>, applied: &[String]) -> Origin {
    let recorded = |name: &str| applied.iter().any(|done| done == name);
    let first = STEPS[0].name;
    if recorded(ADOPTED) {
        Origin::Django
    } else if recorded(first) || recorded(STARTED) {
        Origin::Ours
    } else if tables.contains("django_migrations") || tables.contains("auth_user") {
        Origin::Django
    } else {
        Origin::Empty
    }
}

async fn create_django_tables(db: &DatabaseTransaction, step: &Step) -> Result<(), DbErr> {
    record(db, STARTED).await?;
    run(db, step).await?;
    let tables = catalog::tables(db).await?;
    let present = catalog::django_migrations(db, &tables).await?;
    for (app, name) in django::MIGRATIONS {
        if !present.iter().any(|(a, n)| a == app && n == name) {
            db.execute_unprepared(&format!(
                "INSERT INTO django_migrations (app, name, applied) \
                 VALUES ('{app}', '{name}', CURRENT_TIMESTAMP)"
            ))
            .await?;
        }
    }
    // Without an explicit id, or PostgreSQL's sequence would stay behind.
    let sites = Statement::from_string(
        db.get_database_backend(),
        "SELECT id FROM django_site WHERE domain = 'example.com'",
    );
    if db.query_one_raw(sites).await?.is_none() {
        db.execute_unprepared(
            "INSERT INTO django_site (domain, name) VALUES ('example.com', 'example.com')",
        )
        .await?;
    }
    let sql = format!("DELETE FROM rest_auth_migration WHERE name = '{STARTED}'");
    db.execute_unprepared(&sql).await?;
    record(db, step.name).await
}

async fn run(db: &DatabaseTransaction, step: &Step) -> Result<(), DbErr> {
    for statement in split::statements(step.sql(db.get_database_backend())) {
        db.execute_unprepared(&statement).await?;
    }
    Ok(())
}

/// Notes a step as done; noting it twice is harmless.
async fn record(db: &DatabaseTransaction, name: &str) -> Result<(), DbErr> {
    let backend = db.get_database_backend();
    let known = format!("SELECT name FROM rest_auth_migration WHERE name = '{name}'");
    if db.query_one_raw(Statement::from_string(backend, known)).await?.is_none() {
        let sql = format!(
            "INSERT INTO rest_auth_migration (name, applied_at) \
             VALUES ('{name}', CURRENT_TIMESTAMP)"
        );
        db.execute_unprepared(&sql).await?;
    }
    Ok(())
}
