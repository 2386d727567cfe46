//! Which host a request is for, and which hosts and origins are trusted.

use rest_auth_domain::csrf::{CsrfRules, TrustedOrigins};
use rest_auth_domain::host::{AllowedHosts, HostRules, ProxySslHeader};
use rest_auth_flows::error::SetupError;

use crate::settings::{Configuration, Settings};

/// How the host and the scheme of a request are found, and which hosts are answered.
pub(crate) fn host_rules(settings: &Settings) -> HostRules {
    let server = &settings.server;
    // Django refuses every host without the setting. Here only links in mails are made of the
    // host, and those begin with `public_url` where it is set.
    let allowed = if server.allowed_hosts.is_empty() {
        AllowedHosts::new(["*"])
    } else {
        AllowedHosts::new(&server.allowed_hosts)
    };
    HostRules {
        allowed,
        use_forwarded_host: server.use_x_forwarded_host,
        use_forwarded_port: server.use_x_forwarded_port,
        proxy_ssl_header: settings
            .secure
            .proxy_ssl_header
            .as_ref()
            .map(|header| ProxySslHeader::new(&header.name, &header.value)),
    }
}

/// How a request from another site is told from one of our own pages.
///
/// # Errors
/// [`SetupError`] if `csrf.trusted_origins` holds something else than an origin.
pub(crate) fn csrf_rules(
    configuration: Configuration<'_>,
    hosts: &HostRules,
) -> Result<CsrfRules, SetupError> {
    let csrf = &configuration.http.csrf;
    let trusted = TrustedOrigins::parse(&csrf.trusted_origins)
        .map_err(|e| SetupError::new("csrf.trusted_origins", e.to_string()))?;
    let cookie_domain = if csrf.use_sessions {
        configuration.accounts.session.cookie_domain.clone()
    } else {
        csrf.cookie_domain.clone()
    };
    Ok(CsrfRules::new(trusted, hosts.allowed.clone(), cookie_domain, &csrf.header_name))
}
