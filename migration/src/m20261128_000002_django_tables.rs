//! Django's tables: made exactly as Django makes them, or accepted where Django has made them.

use std::collections::HashSet;

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::origin::{self, SchemaOrigin};
use crate::{catalog, django};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let tables = catalog::tables(db).await?;
        if origin::read(db, &tables, &[]).await? == SchemaOrigin::Django {
            return origin::note_adopted(db).await;
        }
        origin::note_begun(db).await?;
        db.execute_unprepared(ddl(db.get_database_backend())).await?;
        record_django_migrations(db).await?;
        add_site(db).await?;
        origin::note_finished(db).await
    }
}

/// The statements for a database. Each file is sent as a whole.
fn ddl(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => include_str!("sql/django.postgres.sql"),
        DbBackend::MySql => include_str!("sql/django.mysql.sql"),
        _ => include_str!("sql/django.sqlite.sql"),
    }
}

/// Records Django's migrations as applied, so that Django has nothing to migrate. Later steps that
/// make a table of Django's record theirs, too.
pub(crate) async fn record_django_migrations<C: ConnectionTrait>(db: &C) -> Result<(), DbErr> {
    let recorded = catalog::django_migrations(db).await?;
    let recorded: HashSet<(&str, &str)> =
        recorded.iter().map(|(app, name)| (app.as_str(), name.as_str())).collect();
    let mut rows = Query::insert();
    rows.into_table("django_migrations").columns(["app", "name", "applied"]);
    let missing = django::MIGRATIONS.iter().filter(|migration| !recorded.contains(migration));
    let missing: Vec<_> = missing.collect();
    if missing.is_empty() {
        return Ok(());
    }
    for (app, name) in missing {
        let row = [(*app).into(), (*name).into(), Expr::current_timestamp()];
        rows.values(row).map_err(|error| DbErr::Migration(error.to_string()))?;
    }
    db.execute(&rows).await.map(drop)
}

/// Adds the site that Django adds after its migrations.
async fn add_site<C: ConnectionTrait>(db: &C) -> Result<(), DbErr> {
    const DOMAIN: &str = "example.com";
    let known = Query::select()
        .column("id")
        .from("django_site")
        .and_where(Expr::col("domain").eq(DOMAIN))
        .take();
    if db.query_one(&known).await?.is_some() {
        return Ok(());
    }
    // Without an explicit id, or PostgreSQL's sequence would stay behind.
    let mut site = Query::insert();
    site.into_table("django_site").columns(["domain", "name"]);
    site.values([DOMAIN.into(), DOMAIN.into()])
        .map_err(|error| DbErr::Migration(error.to_string()))?;
    db.execute(&site).await.map(drop)
}
