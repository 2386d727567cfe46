//! The rules by which the host of a request is found, and the trusted hosts and origins.

use rest_auth_domain::csrf::{CsrfRules, TrustedOrigins};
use rest_auth_domain::host::{AllowedHosts, HostRules, ProxySslHeader};
use rest_auth_flows::error::SetupError;
use url::Url;

use crate::settings::{ApiSettings, Configuration};

/// How the host and the scheme of a request are found, and which hosts are answered.
pub(crate) fn host_rules(settings: &ApiSettings) -> HostRules {
    let server = &settings.server;
    // Without the setting Django refuses every host. Here any host is allowed, because only links
    // in mails use it, and those begin with `public_url` if it is set.
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

/// The origin of an address as browsers write it: without the usual port, in lower case.
pub(crate) fn origin_of(url: &str) -> Option<String> {
    let origin = Url::parse(url).ok()?.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
}

/// The rules by which requests from other sites are recognized.
///
/// # Errors
/// [`SetupError`] if an entry of `csrf.trusted_origins` is not an origin.
pub(crate) fn csrf_rules(
    configuration: Configuration<'_>,
    hosts: &HostRules,
) -> Result<CsrfRules, SetupError> {
    let csrf = &configuration.http.csrf;
    // A proxy may pass on the name of the host without its port, or the scheme not at all. The page
    // at the address that clients know is this server's own all the same.
    let own = configuration.http.server.public_url.as_deref().and_then(origin_of);
    let trusted: Vec<_> = csrf.trusted_origins.iter().cloned().chain(own).collect();
    let trusted = TrustedOrigins::parse(&trusted)
        .map_err(|e| SetupError::new("csrf.trusted_origins", e.to_string()))?;
    let cookie_domain = if csrf.use_sessions {
        configuration.accounts.session.cookie_domain.clone()
    } else {
        csrf.cookie_domain.clone()
    };
    Ok(CsrfRules::new(trusted, hosts.allowed.clone(), cookie_domain, &csrf.header_name))
}
