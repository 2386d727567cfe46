//! Data of users beside Django's row.

use sea_orm_migration::prelude::*;

use crate::columns::{Columns, integer};
use crate::tables::{self, index, primary_key};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_user(manager).await?;
        create_user_field(manager).await?;
        create_known_client(manager).await
    }
}

/// The user's epoch. A credential carries the epoch that it was issued under, and raising it ends
/// them all. No row means epoch 0.
async fn create_user(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("rest_auth_user")
        .col(integer("user_id").primary_key())
        .col(integer("epoch"))
        .take();
    tables::create(manager, table, []).await
}

/// What `user.extra_fields` declares: one row per user and field. No row means no value. A value is
/// text, in the form that its type has in the API.
async fn create_user_field(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = Columns::of(manager);
    let table = Table::create()
        .table("rest_auth_user_field")
        .col(integer("user_id"))
        .col(columns.exact("name", 64))
        .col(columns.text("value"))
        .primary_key(&mut primary_key(&["user_id", "name"]))
        .take();
    tables::create(manager, table, []).await
}

/// The clients that a user has logged in from: a digest of its User-Agent and of its network. The
/// user is notified of a login from any other.
async fn create_known_client(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    const NAME: &str = "rest_auth_known_client";
    let columns = Columns::of(manager);
    let table = Table::create()
        .table(NAME)
        .col(integer("user_id"))
        .col(columns.exact("digest", 64))
        .col(columns.datetime("last_seen_at"))
        .primary_key(&mut primary_key(&["user_id", "digest"]))
        .take();
    tables::create(manager, table, [index(NAME, &["last_seen_at"])]).await
}
