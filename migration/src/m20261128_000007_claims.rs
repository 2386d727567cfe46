//! The names and addresses that users have, in the form in which no two users may have the same.

use sea_orm_migration::prelude::*;

use crate::columns::{Columns, integer};
use crate::tables::{self, index, primary_key};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_claim(manager).await
    }
}

/// Digests of canonical names and addresses: a canonical form may be longer than an index takes.
async fn create_claim(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    const NAME: &str = "rest_auth_claim";
    let columns = Columns::of(manager);
    let table = Table::create()
        .table(NAME)
        .col(columns.exact("kind", 16))
        .col(columns.exact("digest", 64))
        .col(integer("user_id"))
        .primary_key(&mut primary_key(&["kind", "digest"]))
        .take();
    tables::create(manager, table, [index(NAME, &["user_id"])]).await
}
