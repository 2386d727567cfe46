//! Log lines about the configuration at the start.

use std::path::Path;

use rest_auth_http::config::listener::Tls;
use rest_auth_http::config::{Finding, Settings, ValueOrigin};
use rest_auth_mail::settings::EmailBackend;
use url::Url;

/// Logs every finding.
pub(super) fn log_findings(findings: &[Finding]) {
    for finding in findings {
        tracing::warn!(key = finding.key, "{finding}");
    }
}

/// Logs the path of a secret key that the server made or found, because none is configured.
pub(super) fn log_kept_key(path: &Path) {
    tracing::warn!(
        key = "server.secret_key",
        "the secret key is kept in {}; set `server.secret_key` or `server.secret_key_file`, so \
         that it is backed up and shared",
        path.display()
    );
}

/// Logs each default that is in force because a key is not configured, and that does not suit
/// production.
pub(super) fn log_unconfigured(settings: &Settings) {
    for (key, message) in unconfigured(settings) {
        tracing::warn!(key, "{message}");
    }
}

fn unconfigured(settings: &Settings) -> Vec<(&'static str, String)> {
    let mut notices = Vec::new();
    let is_default = |key| *settings.origin(key) == ValueOrigin::Default;
    if is_default("database.url") {
        let message = "accounts are kept in SQLite in the working directory; set `database.url`";
        notices.push(("database.url", message.to_owned()));
    }
    if is_default("email.backend") && settings.email.backend == EmailBackend::Console {
        let message = "mails are only printed; set `email.backend = \"smtp\"` and `email.host`";
        notices.push(("email.backend", message.to_owned()));
    }
    if settings.http.public_url.is_none() && settings.http.allowed_hosts.is_empty() {
        let message = "links in mails begin with whatever Host a request names, so that anybody \
                       can have a reset mail sent whose link leads to them; set \
                       `server.public_url`, or list the names of this server in \
                       `server.allowed_hosts`";
        notices.push(("server.public_url", message.to_owned()));
    }
    if is_default("server.public_url")
        && let Some(url) = settings.http.public_url.as_deref().filter(|url| !fits(settings, url))
    {
        let message = format!(
            "links in mails begin with {url}, where this server does not listen; set \
             `server.public_url` to the address under which clients reach it"
        );
        notices.push(("server.public_url", message));
    }
    notices
}

/// Whether a URL has the port and the scheme of the listener.
fn fits(settings: &Settings, url: &str) -> bool {
    let scheme = if settings.server.tls == Tls::Off { "http" } else { "https" };
    Url::parse(url).is_ok_and(|url| {
        url.scheme() == scheme && url.port_or_known_default() == Some(settings.server.bind.port())
    })
}

#[cfg(test)]
mod tests {
    use rest_auth_settings::Profile;

    use super::*;

    fn keys(settings: &Settings) -> Vec<&'static str> {
        unconfigured(settings).into_iter().map(|(key, _)| key).collect()
    }

    #[test]
    fn somebody_who_configured_nothing_is_told_of_each_choice() {
        let settings = Settings::defaults(Profile::Strict);
        assert_eq!(keys(&settings), ["database.url", "email.backend"]);
    }

    #[test]
    fn links_that_follow_any_host_are_noticed() {
        let mut settings = Settings::defaults(Profile::Django);
        assert!(keys(&settings).contains(&"server.public_url"));
        settings.http.allowed_hosts = vec!["auth.example.com".to_owned()];
        assert!(!keys(&settings).contains(&"server.public_url"));
    }

    #[test]
    fn links_that_lead_nowhere_are_noticed() {
        let mut settings = Settings::defaults(Profile::Strict);
        settings.server.bind.set_port(8001);
        assert!(keys(&settings).contains(&"server.public_url"));
        settings.server.bind.set_port(8000);
        settings.server.tls = Tls::SelfSigned;
        assert!(keys(&settings).contains(&"server.public_url"));
    }
}
