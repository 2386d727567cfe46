//! An index by which the mails of a user are found when the user is deleted.

use sea_orm_migration::prelude::*;

use crate::tables::index;

const TABLE: &str = "rest_auth_outbox";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = index(TABLE, &["to_address"]);
        // MySQL knows no `IF NOT EXISTS` here, and keeps the index of a step that broke off.
        let name = format!("ix_{TABLE}_to_address");
        if manager.has_index(TABLE, &name).await? {
            return Ok(());
        }
        manager.create_index(index).await
    }
}
