//! Whether Django or this server made Django's tables. It is recorded in `rest_auth_setting`.

use std::collections::HashSet;

use sea_orm_migration::prelude::*;

/// Which software made Django's tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemaOrigin {
    /// There are no tables yet.
    Empty,
    /// This server made them.
    Ours,
    /// Django made them; the database is taken over or shared.
    Django,
}

/// The step that makes or accepts Django's tables.
const DJANGO_TABLES: &str = "m20261128_000002_django_tables";

const TABLE: &str = "rest_auth_setting";
const NAME: &str = "django_tables";

/// Django had made its tables before us.
const ADOPTED: &str = "adopted";
/// We are making Django's tables. MySQL keeps every statement by itself: after a run that broke off
/// the note tells that the tables found are the beginning of our work and not Django's.
const BEGUN: &str = "begun";

/// Tells who made the tables that are there. `recorded` are the steps in the ledger.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn read<C: ConnectionTrait>(
    db: &C,
    tables: &HashSet<String>,
    recorded: &[String],
) -> Result<SchemaOrigin, DbErr> {
    let note = if tables.contains(TABLE) { note(db).await? } else { None };
    Ok(match note.as_deref() {
        Some(ADOPTED) => SchemaOrigin::Django,
        Some(_) => SchemaOrigin::Ours,
        None if is_settled(recorded) => SchemaOrigin::Ours,
        None if tables.contains("django_migrations") || tables.contains("auth_user") => {
            SchemaOrigin::Django
        }
        None => SchemaOrigin::Empty,
    })
}

/// Whether the step that makes or accepts Django's tables is done.
pub(crate) fn is_settled(recorded: &[String]) -> bool {
    recorded.iter().any(|step| step == DJANGO_TABLES)
}

/// Notes that Django made its tables.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn note_adopted<C: ConnectionTrait>(db: &C) -> Result<(), DbErr> {
    write(db, ADOPTED).await
}

/// Notes that we are making Django's tables.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn note_begun<C: ConnectionTrait>(db: &C) -> Result<(), DbErr> {
    write(db, BEGUN).await
}

/// Removes the note that we are making Django's tables; from here on the ledger tells.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn note_finished<C: ConnectionTrait>(db: &C) -> Result<(), DbErr> {
    let remove = Query::delete().from_table(TABLE).and_where(Expr::col("name").eq(NAME)).take();
    db.execute(&remove).await.map(drop)
}

/// Writes the note once; a step that is run again finds its own.
async fn write<C: ConnectionTrait>(db: &C, value: &str) -> Result<(), DbErr> {
    if note(db).await?.is_some() {
        return Ok(());
    }
    let mut insert = Query::insert();
    insert.into_table(TABLE).columns(["name", "value"]);
    insert
        .values([NAME.into(), value.into()])
        .map_err(|error| DbErr::Migration(error.to_string()))?;
    db.execute(&insert).await.map(drop)
}

async fn note<C: ConnectionTrait>(db: &C) -> Result<Option<String>, DbErr> {
    let select =
        Query::select().column("value").from(TABLE).and_where(Expr::col("name").eq(NAME)).take();
    let row = db.query_one(&select).await?;
    row.map(|row| row.try_get("", "value")).transpose()
}
