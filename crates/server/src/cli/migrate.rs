//! `rest-auth migrate`

use std::io::{self, Write as _};

use anyhow::{Context as _, bail};
use rest_auth_store::{MigrationStatus, SchemaOrigin, Store};

use super::accounts;
use super::arguments::ConfigSource;
use super::source::{self, FoundConfiguration};

/// Applies the pending migrations, or prints them.
pub(super) async fn run(source: &ConfigSource, only_status: bool) -> anyhow::Result<()> {
    let found = source::load_sound(source)?;
    require_configuration(&found)?;
    let settings = found.loaded.settings;
    accounts::prepare(&settings)?;
    if !only_status {
        Store::wait_for(&settings.database).await;
    }
    let store = Store::connect(&settings.database).await.context("database.url")?;
    let outcome = if only_status { status(&store).await } else { migrate(&store).await };
    store.close().await;
    outcome
}

/// Fails if the command would make a SQLite database that nobody asked for.
fn require_configuration(found: &FoundConfiguration) -> anyhow::Result<()> {
    let file = found.loaded.settings.database.sqlite_file();
    if found.is_configured() || file.is_none_or(|file| file.exists()) {
        return Ok(());
    }
    bail!(
        "database.url: nothing says which database; name the configuration by --config or \
         REST_AUTH_CONFIG, or stand where rest-auth.toml is"
    )
}

async fn migrate(store: &Store) -> anyhow::Result<()> {
    let report = store.migrate().await.context("the database cannot be migrated")?;
    let mut out = io::stdout().lock();
    for step in &report.applied {
        writeln!(out, "applied {step}")?;
    }
    for index in &report.indexes {
        writeln!(out, "made index {index} on auth_user")?;
    }
    print_findings(&mut out, &report.status)
}

async fn status(store: &Store) -> anyhow::Result<()> {
    let status = store.migration_status().await.context("the database cannot be read")?;
    let mut out = io::stdout().lock();
    let origin = match status.origin {
        SchemaOrigin::Empty => "nobody yet",
        SchemaOrigin::Ours => "this server",
        SchemaOrigin::Django => "Django",
    };
    writeln!(out, "Django's tables were made by {origin}")?;
    for step in &status.applied {
        writeln!(out, "applied {step}")?;
    }
    for step in &status.pending {
        writeln!(out, "pending {step}")?;
    }
    for index in &status.indexes {
        writeln!(out, "index {index} of ours on auth_user")?;
    }
    print_findings(&mut out, &status)
}

/// Prints the findings about the database. Fails if the server cannot work with it.
fn print_findings(out: &mut impl io::Write, status: &MigrationStatus) -> anyhow::Result<()> {
    for finding in &status.findings {
        if finding.is_fatal() {
            bail!("database.url: {finding}");
        }
        writeln!(out, "warning: {finding}")?;
    }
    if status.is_ready() {
        writeln!(out, "the database is up to date")?;
    }
    Ok(())
}
