//! What users have proven: with each credential, and in the browsers that they trust.

use sea_orm_migration::prelude::*;

use crate::columns::{Columns, generated_key, integer, string};
use crate::tables::{self, index, unique};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// The tables of ours whose credentials name a user. The session's evidence is among its data.
const TABLES: [&str; 2] = ["rest_auth_token", "rest_auth_refresh_family"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = Columns::of(manager);
        for table in TABLES {
            if !manager.has_column(table, "evidence").await? {
                let evidence = columns.text("evidence").null().take();
                manager
                    .alter_table(Table::alter().table(table).add_column(evidence).take())
                    .await?;
            }
        }
        create_reauthentication(manager).await?;
        create_trusted_browser(manager).await
    }
}

/// Evidence of credentials that have no row of ours, by the SHA-256 of the credential.
async fn create_reauthentication(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    const NAME: &str = "rest_auth_reauthentication";
    let columns = Columns::of(manager);
    let table = Table::create()
        .table(NAME)
        .col(columns.exact("credential", 64).primary_key())
        .col(integer("user_id"))
        .col(integer("epoch"))
        .col(columns.text("evidence"))
        .col(columns.datetime("expires_at"))
        .take();
    tables::create(manager, table, [index(NAME, &["user_id"]), index(NAME, &["expires_at"])]).await
}

/// Browsers that are not asked for the second factor, by the SHA-256 of their cookie.
async fn create_trusted_browser(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    const NAME: &str = "rest_auth_trusted_browser";
    let columns = Columns::of(manager);
    let table = Table::create()
        .table(NAME)
        .col(generated_key("id"))
        .col(columns.exact("digest", 64))
        .col(integer("user_id"))
        .col(integer("epoch"))
        .col(columns.exact("password", 64))
        .col(columns.datetime("created_at"))
        .col(columns.datetime("last_seen_at"))
        .col(columns.datetime("expires_at"))
        .col(string("user_agent", 200))
        .col(string("ip", 45))
        .take();
    let indexes =
        [unique(NAME, &["digest"]), index(NAME, &["user_id"]), index(NAME, &["expires_at"])];
    tables::create(manager, table, indexes).await
}
