//! Rate limits that several instances share.

use sea_orm_migration::prelude::*;

use crate::columns::Columns;
use crate::tables::{self, index};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_rate_limit(manager).await
    }
}

/// The times of counted requests, in microseconds since 1970 and separated by commas, by a keyed
/// digest of the counted key.
async fn create_rate_limit(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    const NAME: &str = "rest_auth_rate_limit";
    let columns = Columns::of(manager);
    let table = Table::create()
        .table(NAME)
        .col(columns.exact("digest", 64).primary_key())
        .col(columns.text("times"))
        .col(columns.datetime("ends_at"))
        .take();
    tables::create(manager, table, [index(NAME, &["ends_at"])]).await
}
