//! Where clients reach the server: its address, hosts, proxies and TLS.

use rest_auth_domain::host::AllowedHosts;
use rest_auth_settings::ValueOrigin;
use url::Url;

use super::collector::Check;
use crate::config::derive::is_local_http;
use crate::config::listener::Tls;
use crate::settings::Network;

pub(super) fn check(check: &mut Check<'_>) {
    public_url(check);
    hosts(check);
    links(check);
    scheme(check);
    clients(check);
    tls(check);
    connections(check);
}

/// The address under which clients reach the server, if it was given: the default one is a
/// placeholder, from which no conclusion is drawn.
pub(super) fn given_url(check: &Check<'_>) -> Option<Url> {
    if *check.settings.origin("server.public_url") == ValueOrigin::Default {
        return None;
    }
    Url::parse(check.settings.http.public_url.as_deref()?).ok()
}

fn public_url(check: &mut Check<'_>) {
    if check.settings.http.public_url.is_none() && !check.settings.http.links_from_host {
        check.error(
            "server.public_url",
            "`server.public_url` is not set, and `server.links_from_host` is off: links in \
             mails have no beginning",
            "set the address under which clients reach this server",
        );
    }
}

fn hosts(check: &mut Check<'_>) {
    let key = "server.allowed_hosts";
    let allowed = &check.settings.http.allowed_hosts;
    for host in allowed.iter().filter(|host| has_port(host)) {
        let message = format!("`{key}` has \"{host}\", which matches no Host: ports do not count");
        check.warning(key, message, "write the name without its port");
    }
    let url = given_url(check);
    let Some(name) = url.as_ref().and_then(Url::host_str) else { return };
    if !allowed.is_empty() && !AllowedHosts::new(allowed).allows(name) {
        let message = format!(
            "`{key}` lacks the host of `server.public_url`, {name}: requests to it are answered \
             with 400"
        );
        check.warning(key, message, format!("add \"{name}\", unless a proxy sends another Host"));
    }
}

fn has_port(host: &str) -> bool {
    let is_port = |(name, port): (&str, &str)| {
        let whole = !name.contains(':') || name.ends_with(']');
        whole && !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())
    };
    host.rsplit_once(':').is_some_and(is_port)
}

fn links(check: &mut Check<'_>) {
    let http = &check.settings.http;
    if http.public_url.is_none() && http.allowed_hosts.iter().any(|host| host == "*") {
        check.warning(
            "server.allowed_hosts",
            "`server.allowed_hosts` accepts every Host, and links in mails begin with it: anybody \
             can have a reset mail sent whose link leads to them",
            "set `server.public_url`, or list the names of this server",
        );
    }
    if http.trusted_proxies.iter().any(Network::is_everything) {
        check.warning(
            "server.trusted_proxies",
            "`server.trusted_proxies` trusts every address, so anybody can forge theirs",
            "name the addresses of your proxies",
        );
    }
}

/// Whether the server can know that a request came by https.
fn scheme(check: &mut Check<'_>) {
    let key = "secure.proxy_ssl_header";
    let cure = "where a proxy speaks https, let it set X-Forwarded-Proto, and set \
                `secure.proxy_ssl_header = [\"HTTP_X_FORWARDED_PROTO\", \"https\"]`; otherwise set \
                `server.tls`";
    let secure = &check.settings.secure;
    let takes_all_for_http =
        check.settings.server.tls == Tls::Off && secure.proxy_ssl_header.is_none();
    let is_https = given_url(check).is_some_and(|url| url.scheme() == "https");
    if takes_all_for_http && secure.ssl_redirect {
        check.warning(
            "secure.ssl_redirect",
            "`secure.ssl_redirect` sends every request to https, also those that came by it: \
             neither `server.tls` nor `secure.proxy_ssl_header` is set",
            cure,
        );
    } else if takes_all_for_http && is_https {
        let message = "`server.public_url` is https, and every request counts as http: neither \
                       `server.tls` nor `secure.proxy_ssl_header` is set. Requests from the host \
                       that a proxy names fail the CSRF check, and answers lack \
                       Strict-Transport-Security";
        check.warning(key, message, cure);
    }
    if check.settings.server.tls != Tls::Off && given_url(check).is_some() && !is_https {
        check.warning(
            "server.public_url",
            "`server.public_url` is http, but `server.tls` is on: links in mails lead nowhere",
            "begin it with https://",
        );
    }
}

/// Whether the addresses of clients behind a proxy are known.
fn clients(check: &mut Check<'_>) {
    let settings = check.settings;
    let proxies = &settings.allauth;
    let is_behind_proxy =
        settings.server.tls == Tls::Off && settings.secure.proxy_ssl_header.is_some();
    let is_known = !settings.http.trusted_proxies.is_empty()
        || proxies.trusted_proxy_count > 0
        || proxies.trusted_client_ip_header.is_some();
    if is_behind_proxy && !is_known {
        check.warning(
            "server.trusted_proxies",
            "`server.trusted_proxies` is empty, and `secure.proxy_ssl_header` says that there is a \
             proxy: all clients have its address, and limits take them for one",
            "name the addresses of your proxies, such as \"10.0.0.0/8\"",
        );
    }
}

/// Whether browsers drop what is marked as Secure: it comes by http, and not from this machine.
pub(super) fn drops_secure_cookies(check: &Check<'_>) -> bool {
    let is_http = given_url(check).is_some_and(|url| url.scheme() == "http");
    is_http && !is_local_http(check.settings) && check.settings.server.tls == Tls::Off
}

fn tls(check: &mut Check<'_>) {
    let server = &check.settings.server;
    let files = [
        ("server.tls_certificate_file", server.tls_certificate_file.is_some()),
        ("server.tls_private_key_file", server.tls_private_key_file.is_some()),
    ];
    for (key, given) in files {
        if server.tls == Tls::Files && !given {
            let message = format!("`server.tls` is \"files\", but `{key}` is not set");
            check.error(key, message, "");
        }
        if server.tls != Tls::Files && given {
            let message = format!("`{key}` has no effect while `server.tls` is not \"files\"");
            check.warning(key, message, "set `server.tls = \"files\"`");
        }
    }
}

fn connections(check: &mut Check<'_>) {
    let server = &check.settings.server;
    if server.max_connections.is_some_and(|all| all < server.max_connections_per_address) {
        check.warning(
            "server.max_connections_per_address",
            "`server.max_connections_per_address` is more than `server.max_connections`, so that \
             one client can hold all connections",
            "lower it",
        );
    }
}
