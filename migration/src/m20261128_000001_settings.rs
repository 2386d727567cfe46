//! Values of the whole installation.

use sea_orm_migration::prelude::*;

use crate::columns::Columns;
use crate::tables;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_setting(manager).await
    }
}

/// Values by name, such as the global epoch and who made Django's tables. It comes first because
/// the step that makes Django's tables writes to it.
async fn create_setting(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = Columns::of(manager);
    let table = Table::create()
        .table("rest_auth_setting")
        .col(columns.exact("name", 64).primary_key())
        .col(columns.text("value"))
        .take();
    tables::create(manager, table, []).await
}
