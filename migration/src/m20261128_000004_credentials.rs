//! Credentials of logins: tokens, sessions and families of refresh tokens.

use sea_orm_migration::prelude::*;

use crate::columns::{Columns, generated_key, integer, string};
use crate::tables::{self, index, unique};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_token(manager).await?;
        create_session(manager).await?;
        create_refresh_family(manager).await?;
        create_refresh_token(manager).await
    }
}

/// Opaque tokens, one per device. Only the SHA-256 of a token is kept.
async fn create_token(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    const NAME: &str = "rest_auth_token";
    let columns = Columns::of(manager);
    let table = Table::create()
        .table(NAME)
        .col(generated_key("id"))
        .col(columns.exact("digest", 64))
        .col(integer("user_id"))
        .col(integer("epoch"))
        .col(columns.datetime("created_at"))
        .col(columns.datetime("last_used_at"))
        .col(columns.datetime("expires_at").null())
        .col(string("user_agent", 200))
        .col(string("ip", 45))
        .take();
    let indexes =
        [unique(NAME, &["digest"]), index(NAME, &["user_id"]), index(NAME, &["expires_at"])];
    tables::create(manager, table, indexes).await
}

/// Sessions, by the SHA-256 of their key.
async fn create_session(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    const NAME: &str = "rest_auth_session";
    let columns = Columns::of(manager);
    let table = Table::create()
        .table(NAME)
        .col(columns.exact("digest", 64).primary_key())
        .col(integer("user_id").null())
        .col(integer("epoch"))
        .col(columns.text("data"))
        .col(columns.datetime("created_at"))
        .col(columns.datetime("last_seen_at"))
        .col(columns.datetime("expire_date"))
        .col(columns.datetime("absolute_end").null())
        .col(string("user_agent", 200))
        .col(string("ip", 45))
        .take();
    tables::create(manager, table, [index(NAME, &["user_id"]), index(NAME, &["expire_date"])]).await
}

/// One family per login: all refresh tokens that descend from it.
async fn create_refresh_family(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    const NAME: &str = "rest_auth_refresh_family";
    let columns = Columns::of(manager);
    let table = Table::create()
        .table(NAME)
        .col(columns.exact("id", 64).primary_key())
        .col(integer("user_id"))
        .col(integer("epoch"))
        .col(columns.datetime("created_at"))
        .col(columns.datetime("ends_at"))
        .col(columns.datetime("revoked_at").null())
        .col(string("user_agent", 200))
        .col(string("ip", 45))
        .take();
    tables::create(manager, table, [index(NAME, &["user_id"]), index(NAME, &["ends_at"])]).await
}

/// Refresh tokens. A consumed one keeps what is needed to sign the same successor again.
async fn create_refresh_token(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    const NAME: &str = "rest_auth_refresh_token";
    let columns = Columns::of(manager);
    let mut family = ForeignKey::create()
        .name("fk_rest_auth_refresh_token_family_id")
        .from(NAME, "family_id")
        .to("rest_auth_refresh_family", "id")
        .on_delete(ForeignKeyAction::Cascade)
        .take();
    let table = Table::create()
        .table(NAME)
        .col(columns.exact("jti", 64).primary_key())
        .col(columns.exact("family_id", 64))
        .col(columns.datetime("issued_at"))
        .col(columns.datetime("expires_at"))
        .col(columns.datetime("consumed_at").null())
        .col(columns.exact("successor_jti", 64).null())
        .col(columns.datetime("successor_iat").null())
        .col(columns.datetime("successor_exp").null())
        .foreign_key(&mut family)
        .take();
    tables::create(manager, table, [index(NAME, &["family_id"])]).await
}
