//! `rest-auth social check`

use std::io::{self, Write as _};

use anyhow::bail;
use rest_auth_http::config::Settings;
use rest_auth_http::open;

use crate::log;

/// Prints what was looked at, errors to standard error.
pub(super) async fn run(settings: &Settings, provider: &str) -> anyhow::Result<()> {
    let registered = open::social_registrations(settings);
    let Some(registered) = registered.into_iter().find(|entry| entry.id == provider) else {
        bail!(
            "`{provider}` is not configured: [socialaccount.providers.{provider}] needs a `client_id`"
        );
    };
    let examined = open::examine_social(settings, provider).await?;
    let mut out = io::stdout().lock();
    for url in &registered.callback_urls {
        writeln!(out, "to register: {url}")?;
    }
    for (what, url) in [
        ("for its notifications", &registered.notification_url),
        ("for its button", &registered.one_tap_url),
    ] {
        if let Some(url) = url {
            writeln!(out, "{what}: {url}")?;
        }
    }
    let mut errors = 0;
    for part in &examined {
        match &part.result {
            Ok(found) => writeln!(out, "ok: {}: {found}", part.part)?,
            Err(problem) => {
                errors += 1;
                log::tell(format_args!("error: {}: {problem}", part.part));
            }
        }
    }
    if errors > 0 {
        bail!("a login with `{provider}` cannot work; errors: {errors}");
    }
    writeln!(out, "nothing is wrong with `{provider}` as far as can be told without a user")?;
    Ok(())
}
