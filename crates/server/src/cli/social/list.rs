//! `rest-auth social list`

use std::io::{self, Write as _};

use rest_auth_http::config::Settings;
use rest_auth_http::open;
use serde_json::json;

use crate::log;

/// Prints the providers.
pub(super) fn run(settings: &Settings) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    for provider in open::social_registrations(settings) {
        let mut line = json!({
            "id": provider.id,
            "name": provider.name,
            "client_ids": provider.client_ids,
            "callback_urls": provider.callback_urls,
        });
        for (name, url) in
            [("notification_url", provider.notification_url), ("one_tap_url", provider.one_tap_url)]
        {
            if let Some(url) = url {
                line[name] = url.into();
            }
        }
        writeln!(out, "{line}")?;
    }
    if settings.http.public_url.is_none() {
        log::tell(
            "`server.public_url` is not set: the callback URLs begin with the host of each request",
        );
    }
    Ok(())
}
