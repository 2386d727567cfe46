//! `rest-auth openapi`

use std::io::{self, Write as _};

use anyhow::Context as _;
use rest_auth_flows::auth::Environment;
use rest_auth_flows::open as accounts;
use rest_auth_http::{open, openapi};
use rest_auth_mail::Mailer;
use rest_auth_settings::{ConnectionUrl, Secret};
use rest_auth_store::Store;

use super::arguments::Source;
use super::source;

/// Prints the document of this configuration. Neither the database nor the mail server is asked,
/// and no secret key is made.
pub(super) async fn run(source: &Source) -> anyhow::Result<()> {
    let mut settings = source::load_sound(source)?.settings;
    let folder = tempfile::tempdir().context("no temporary folder can be made")?;
    let empty = format!("sqlite://{}", folder.path().join("empty.sqlite3").display());
    settings.database.url = ConnectionUrl::new(empty);
    settings.signing.secret_key.get_or_insert_with(|| Secret::new("signs nothing"));
    settings.auth.hashing_threads = Some(1);
    let store = Store::connect(&settings.database).await?;
    let (mailer, _) = Mailer::memory(&accounts::mail_settings(
        &settings.account,
        &settings.email,
        "example.com",
    ))?;
    let api = open::assemble(&settings, store, mailer, Environment::default())?;
    let text = openapi::document(&api).to_pretty_json()?;
    writeln!(io::stdout().lock(), "{text}")?;
    Ok(())
}
