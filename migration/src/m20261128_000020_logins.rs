//! Which credentials one login has handed out, so that they end together.

use sea_orm_migration::prelude::*;

use crate::columns::Columns;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// The tables of credentials.
const TABLES: [&str; 3] = ["rest_auth_token", "rest_auth_session", "rest_auth_refresh_family"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Credentials from before have none and end by themselves. No index is needed: they are looked
    /// up by their user.
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = Columns::of(manager);
        for table in TABLES {
            if !manager.has_column(table, "login").await? {
                let login = columns.exact("login", 32).null().take();
                manager.alter_table(Table::alter().table(table).add_column(login).take()).await?;
            }
        }
        Ok(())
    }
}
