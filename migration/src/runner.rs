//! Applies the steps, one instance at a time.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbBackend, TransactionTrait,
};

use crate::findings::{MigrationStatus, SchemaFinding, examine};
use crate::lease::Lease;
use crate::migrator::step_names;
use crate::origin::{self, SchemaOrigin};
use crate::{MigrationError, Migrator, catalog, indexes, lock};

/// What becomes of the names under which the driver prepares statements, on PostgreSQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatementNames {
    /// They belong to the connection.
    Kept,
    /// A pooler hands out connections for one transaction each. The driver gives the same names on
    /// each of its own, so that what others prepared there is forgotten before a transaction, and
    /// what it prepared, after it. No other statement may be prepared on the same connections.
    Forgotten,
}

impl StatementNames {
    async fn forget(self, transaction: &DatabaseTransaction) -> Result<(), DbErr> {
        if self == Self::Forgotten {
            transaction.execute_unprepared("DEALLOCATE ALL").await?;
        }
        Ok(())
    }
}

/// What a call of [`up`] did.
#[derive(Clone, Debug)]
pub struct Report {
    /// The steps that this call applied; empty when there was nothing to do.
    pub applied: Vec<String>,
    /// The indexes on Django's tables that this call made.
    pub indexes: Vec<&'static str>,
    /// The state of the database afterwards.
    pub status: MigrationStatus,
}

/// Tells how far a database is migrated, without changing it.
///
/// # Errors
/// When the database cannot be read.
pub async fn status<C: ConnectionTrait>(db: &C) -> Result<MigrationStatus, MigrationError> {
    catalog::require_access(db).await?;
    let tables = catalog::tables(db).await?;
    let applied = catalog::recorded(db, &tables).await?;
    let steps = step_names();
    let origin = origin::read(db, &tables, &applied).await?;
    let mut findings = match origin {
        SchemaOrigin::Empty => Vec::new(),
        // A run of ours broke off; the next one makes what is missing.
        SchemaOrigin::Ours if !origin::is_settled(&applied) => Vec::new(),
        _ if tables.contains("django_migrations") => {
            examine(&tables, &catalog::django_migrations(db).await?)
        }
        _ => examine(&tables, &[]),
    };
    let mut indexes = Vec::new();
    if origin::is_settled(&applied) && tables.contains("auth_user") {
        let (present, missing) = indexes::present_and_missing(db).await?;
        indexes.extend(present.iter().map(|index| index.name));
        findings.extend(missing.into_iter().map(SchemaFinding::MissingIndex));
    }
    let newer = applied.iter().filter(|step| !steps.contains(step));
    findings.extend(newer.map(|step| SchemaFinding::NewerRelease { step: step.clone() }));
    let pending = steps.into_iter().filter(|step| !applied.contains(step)).collect();
    Ok(MigrationStatus { applied, pending, origin, indexes, findings })
}

/// Applies all pending steps, and makes what is missing of our indexes on Django's tables. Safe to
/// call from many instances at once: one works, the others wait and then find nothing to do.
/// PostgreSQL and SQLite keep all steps or none; on MySQL, which keeps every statement by itself,
/// the next call completes a run that broke off.
///
/// What stands outside of its transaction is read by `reader`, which may be the same.
///
/// # Errors
/// When a statement fails, when the lock is not free within a minute or is lost, and on a Django
/// database without `auth_user`.
pub async fn up<C: ConnectionTrait>(
    db: &DatabaseConnection,
    reader: &C,
    names: StatementNames,
) -> Result<Report, MigrationError> {
    let before = status(reader).await?;
    let lacks_index = |finding: &SchemaFinding| matches!(finding, SchemaFinding::MissingIndex(_));
    if before.pending.is_empty() && !before.findings.iter().any(lacks_index) {
        return Ok(Report { applied: Vec::new(), indexes: Vec::new(), status: before });
    }
    let Done { applied, indexes } = match db.get_database_backend() {
        DbBackend::MySql => under_lease(db).await?,
        _ => in_one_transaction(db, names).await?,
    };
    Ok(Report { applied, indexes, status: status(reader).await? })
}

/// What was done under the lock.
struct Done {
    applied: Vec<String>,
    indexes: Vec<&'static str>,
}

async fn in_one_transaction(
    db: &DatabaseConnection,
    names: StatementNames,
) -> Result<Done, MigrationError> {
    let transaction = lock::begin(db).await?;
    names.forget(&transaction).await?;
    match apply_pending(&transaction).await {
        Ok(done) => {
            names.forget(&transaction).await?;
            transaction.commit().await?;
            Ok(done)
        }
        Err(failure) => {
            if let Err(error) = transaction.rollback().await {
                tracing::warn!(%error, "a failed migration could not be rolled back");
            }
            Err(failure)
        }
    }
}

async fn under_lease(db: &DatabaseConnection) -> Result<Done, MigrationError> {
    let lease = Lease::take(db).await?;
    let outcome = lease.renewed_during(apply_pending(db)).await;
    lease.release().await;
    outcome
}

/// Applies steps and makes indexes. Must be called under the lock. One step at a time, so that an
/// error can name it.
async fn apply_pending<'c, C>(db: &'c C) -> Result<Done, MigrationError>
where
    C: ConnectionTrait + TransactionTrait,
    &'c C: IntoSchemaManagerConnection<'c>,
{
    // Read again under the lock: another instance may have been faster.
    let MigrationStatus { pending, findings, .. } = status(db).await?;
    if findings.contains(&SchemaFinding::NoUserTable) {
        return Err(MigrationError::NoUserTable);
    }
    for step in &pending {
        let applied = Migrator::up(db, Some(1)).await;
        applied.map_err(|source| MigrationError::Step { step: step.clone(), source })?;
        tracing::info!(step, "migration applied");
    }
    Ok(Done { applied: pending, indexes: indexes::make(db).await? })
}
