//! `rest-auth social check`

use std::io::{self, Write as _};

use anyhow::bail;
use rest_auth_http::config::Settings;
use rest_auth_http::open::{self, ClientRegistration};

use crate::log;

/// Prints what was looked at, errors to standard error: of one provider, or of all.
pub(super) async fn run(settings: &Settings, provider: Option<&str>) -> anyhow::Result<()> {
    let mut registered = open::social_registrations(settings);
    if let Some(id) = provider {
        registered.retain(|entry| entry.id == id);
    }
    if registered.is_empty() {
        let (what, id) = match provider {
            Some(id) => (format!("`{id}` is not configured"), id),
            None => ("no provider is configured".to_owned(), "<provider>"),
        };
        bail!("{what}: [socialaccount.providers.{id}] needs a `client_id`");
    }
    let mut failed = Vec::new();
    for entry in &registered {
        // Among several each line says whose it is.
        let whose = if provider.is_some() { String::new() } else { format!("{}: ", entry.id) };
        let errors = look_at(settings, entry, &whose).await?;
        if errors > 0 {
            failed.push(format!("a login with `{}` cannot work; errors: {errors}", entry.id));
        }
    }
    if failed.is_empty() { Ok(()) } else { bail!(failed.join("\n")) }
}

/// Prints what was looked at of a provider, and returns the number of errors.
async fn look_at(
    settings: &Settings,
    entry: &ClientRegistration,
    whose: &str,
) -> anyhow::Result<usize> {
    let examined = open::examine_social(settings, &entry.id).await?;
    let mut out = io::stdout().lock();
    for url in &entry.callback_urls {
        writeln!(out, "{whose}to register: {url}")?;
    }
    for (what, url) in
        [("for its notifications", &entry.notification_url), ("for its button", &entry.one_tap_url)]
    {
        if let Some(url) = url {
            writeln!(out, "{whose}{what}: {url}")?;
        }
    }
    let mut errors = 0;
    for part in &examined {
        match &part.result {
            Ok(found) if part.is_doubtful => {
                writeln!(out, "{whose}doubtful: {}: {found}", part.part)?;
            }
            Ok(found) => writeln!(out, "{whose}ok: {}: {found}", part.part)?,
            Err(problem) => {
                errors += 1;
                log::tell(format_args!("{whose}error: {}: {problem}", part.part));
            }
        }
    }
    if errors == 0 {
        let is_doubtful = examined.iter().any(|part| part.is_doubtful);
        let nothing = if is_doubtful { "nothing else is wrong" } else { "nothing is wrong" };
        writeln!(out, "{nothing} with `{}` as far as can be told without a user", entry.id)?;
    }
    Ok(errors)
}
