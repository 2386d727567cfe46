//! Secrets that work once, and the mails that carry them.

use sea_orm_migration::prelude::*;

use crate::columns::{Columns, generated_key, integer, string};
use crate::tables::{self, index, unique};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_one_time(manager).await?;
        create_outbox(manager).await
    }
}

/// Challenges, links and states that work once. Only the SHA-256 of the secret is kept.
async fn create_one_time(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    const NAME: &str = "rest_auth_one_time";
    let columns = Columns::of(manager);
    let table = Table::create()
        .table(NAME)
        .col(generated_key("id"))
        .col(string("kind", 40))
        .col(columns.exact("digest", 64))
        .col(integer("user_id").null())
        .col(integer("epoch"))
        .col(columns.text("data"))
        .col(integer("attempts"))
        .col(columns.datetime("created_at"))
        .col(columns.datetime("expires_at"))
        .col(columns.datetime("consumed_at").null())
        .take();
    let indexes =
        [unique(NAME, &["digest"]), index(NAME, &["user_id"]), index(NAME, &["expires_at"])];
    tables::create(manager, table, indexes).await
}

/// Mails to deliver. A worker leases a row, sends the mail, and marks it as sent or postpones it.
async fn create_outbox(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    const NAME: &str = "rest_auth_outbox";
    let columns = Columns::of(manager);
    let table = Table::create()
        .table(NAME)
        .col(generated_key("id"))
        .col(columns.datetime("created_at"))
        .col(string("to_address", 254))
        .col(columns.text("payload"))
        .col(columns.datetime("available_at"))
        .col(columns.datetime("leased_until").null())
        .col(integer("attempts"))
        .col(columns.text("last_error").null())
        .col(columns.datetime("sent_at").null())
        .col(columns.datetime("dead_at").null())
        .take();
    tables::create(manager, table, [index(NAME, &["sent_at", "dead_at", "available_at"])]).await
}
