//! Passwords that may have been guessed, beside the user's epoch.

use sea_orm_migration::prelude::*;

use crate::columns::Columns;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = "rest_auth_user";
const COLUMN: &str = "guessed_password";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// The SHA-256 of the hash of the password. Another password makes it meaningless.
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.has_column(TABLE, COLUMN).await? {
            return Ok(());
        }
        let column = Columns::of(manager).exact(COLUMN, 64).null().take();
        manager.alter_table(Table::alter().table(TABLE).add_column(column).take()).await
    }
}
