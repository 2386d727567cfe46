//! Where clients reach the server: its address, hosts, other origins and TLS.

use super::collector::Check;
use crate::config::listener::Tls;
use crate::settings::Network;

pub(super) fn check(check: &mut Check<'_>) {
    public_url(check);
    hosts(check);
    cors(check);
    tls(check);
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

fn cors(check: &mut Check<'_>) {
    let cors = &check.settings.cors;
    if cors.allow_all_origins && cors.allow_credentials {
        let message = "`cors.allow_all_origins` with `cors.allow_credentials` lets every site act \
                       as the visitors of this one";
        let cure = "list the origins in `cors.allowed_origins`";
        check.refuse("cors.allow_all_origins", message, cure);
    }
    let special = cors.allowed_origins.iter().find(|o| matches!(o.as_str(), "null" | "file://"));
    if let Some(origin) = special.filter(|_| cors.allow_credentials) {
        let message = format!(
            "`cors.allowed_origins` has \"{origin}\", which every sandboxed or local page can \
             claim to be"
        );
        check.warning("cors.allowed_origins", message, "remove it");
    }
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
