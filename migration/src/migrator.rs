//! The steps in order, and the ledger in which they are recorded.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::FromQueryResult;
use sea_orm_migration::seaql_migrations::{Column, Model};

use crate::catalog::LEDGER;
use crate::{
    m20261128_000001_settings, m20261128_000002_django_tables, m20261128_000003_users,
    m20261128_000004_credentials, m20261128_000005_secrets_and_mails, m20261128_000006_rate_limits,
    m20261128_000007_claims, m20261128_000020_logins, m20261129_000030_passkeys,
    m20261129_000040_evidence, m20261129_000050_mails_by_address,
    m20261130_000060_guessed_passwords,
};

/// Applies the steps. It takes no lock of its own: call [`crate::up`] where several instances may
/// start at once.
///
/// No step can be undone, since that would drop the data of users.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    /// All steps, oldest first. A new one goes to the end; the name of one that was released never
    /// changes. Each can be run again after it broke off: MySQL keeps every statement by itself.
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261128_000001_settings::Migration),
            Box::new(m20261128_000002_django_tables::Migration),
            Box::new(m20261128_000003_users::Migration),
            Box::new(m20261128_000004_credentials::Migration),
            Box::new(m20261128_000005_secrets_and_mails::Migration),
            Box::new(m20261128_000006_rate_limits::Migration),
            Box::new(m20261128_000007_claims::Migration),
            Box::new(m20261128_000020_logins::Migration),
            Box::new(m20261129_000030_passkeys::Migration),
            Box::new(m20261129_000040_evidence::Migration),
            Box::new(m20261129_000050_mails_by_address::Migration),
            Box::new(m20261130_000060_guessed_passwords::Migration),
        ]
    }

    fn migration_table_name() -> DynIden {
        LEDGER.into_iden()
    }

    /// The recorded steps that this release has. A step from a newer release is left out, because
    /// SeaORM would fail on it and two releases run side by side during an upgrade;
    /// [`crate::status`] tells of it.
    async fn get_migration_models<C>(db: &C) -> Result<Vec<Model>, DbErr>
    where
        C: ConnectionTrait,
    {
        Self::install(db).await?;
        let recorded = Query::select()
            .columns([Column::Version, Column::AppliedAt])
            .from(LEDGER)
            .and_where(Expr::col(Column::Version).is_in(step_names()))
            .order_by(Column::Version, Order::Asc)
            .take();
        let rows = db.query_all(&recorded).await?;
        rows.iter().map(|row| Model::from_query_result(row, "")).collect()
    }
}

/// The names of all steps, oldest first.
pub(crate) fn step_names() -> Vec<String> {
    Migrator::migrations().iter().map(|step| step.name().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::step_names;
    use crate::origin;

    #[test]
    fn the_steps_are_in_the_order_of_their_names() {
        let names = step_names();
        assert!(names.is_sorted(), "{names:?}");
        assert!(names.iter().all(|name| name.starts_with('m')), "{names:?}");
    }

    #[test]
    fn the_origin_is_settled_by_a_step_that_there_is() {
        assert!(!origin::is_settled(&[]));
        assert!(origin::is_settled(&step_names()));
    }
}
