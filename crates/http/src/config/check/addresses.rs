//! Paths, URLs, hosts, origins and TLS.

use validator::ValidateUrl;

use super::collector::Check;
use crate::config::listener::Tls;

pub(super) fn check(check: &mut Check<'_>) {
    base_path(check);
    public_url(check);
    link_templates(check);
    hosts(check);
    origins(check);
    cors(check);
    tls(check);
}

fn base_path(check: &mut Check<'_>) {
    let path = &check.settings.http.base_path;
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-_.~".contains(c);
    let whole = path.starts_with('/') && !path.contains("//") && path.chars().all(plain);
    let dots = path.split('/').any(|part| part == "." || part == "..");
    let ends = path == "/" || !path.ends_with('/');
    if !(whole && ends) || dots {
        check.error(
            "server.base_path",
            "`server.base_path` must be a path such as \"/api/auth\", without a slash at its end",
            "for the root write \"/\"",
        );
    }
}

fn public_url(check: &mut Check<'_>) {
    let Some(text) = check.settings.http.public_url.clone() else {
        if !check.settings.http.links_from_host {
            check.error(
                "server.public_url",
                "`server.public_url` is not set, and `server.links_from_host` is off: links in \
                 mails have no beginning",
                "set the address under which clients reach this server",
            );
        }
        return;
    };
    let url = url::Url::parse(&text).ok().filter(|_| text.validate_url());
    let fits = url.is_some_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.host().is_some()
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
    });
    if !fits {
        check.error(
            "server.public_url",
            "`server.public_url` must be an address such as \"https://auth.example.com\"",
            "write the path of the API into `server.base_path`",
        );
    }
}

fn link_templates(check: &mut Check<'_>) {
    let settings = check.settings;
    let templates: [(&str, &Option<String>, &[&str]); 3] = [
        (
            "rest_auth.password_reset_url",
            &settings.rest_auth.password_reset_url,
            &["{uid}", "{token}"],
        ),
        ("account.email_confirmation_url", &settings.account.email_confirmation_url, &["{key}"]),
        ("rest_auth.invitation_url", &settings.rest_auth.invitation_url, &["{code}"]),
    ];
    for (key, template, parts) in templates {
        let Some(template) = template else { continue };
        if let Some(part) = parts.iter().find(|part| !template.contains(**part)) {
            check.error(key, format!("`{key}` must contain {part}"), "");
        }
        let scheme = template.split_once("://").map_or("", |(scheme, _)| scheme);
        if !matches!(scheme, "http" | "https") || scheme.contains('{') {
            let message = format!("`{key}` must be an address that begins with https://");
            check.error(key, message, "links in mails have no page that they could be relative to");
        }
    }
}

fn hosts(check: &mut Check<'_>) {
    let known = |host: &String| {
        host == "*"
            || !host.is_empty()
                && !host.contains("://")
                && !host.contains('/')
                && !host.contains(' ')
    };
    if !check.settings.http.allowed_hosts.iter().all(known) {
        check.error(
            "server.allowed_hosts",
            "`server.allowed_hosts` has an item that is no host name",
            "write \"auth.example.com\", \".example.com\" or \"*\"",
        );
    }
    let http = &check.settings.http;
    if http.public_url.is_none() && http.allowed_hosts.iter().any(|host| host == "*") {
        check.warning(
            "server.allowed_hosts",
            "`server.allowed_hosts` accepts every Host, and links in mails begin with it: anybody \
             can have a reset mail sent whose link leads to them",
            "set `server.public_url`, or list the names of this server",
        );
    }
    if check.settings.http.trusted_proxies.iter().any(crate::settings::Network::is_everything) {
        check.warning(
            "server.trusted_proxies",
            "`server.trusted_proxies` trusts every address, so anybody can forge theirs",
            "name the addresses of your proxies",
        );
    }
}

/// Whether a text is `scheme://host[:port]`, where the host may be a wildcard.
fn is_origin(text: &str, wildcard: bool) -> bool {
    let plain = if wildcard { text.replacen("://*.", "://", 1) } else { text.to_owned() };
    let Some((_, authority)) = plain.split_once("://") else {
        return false;
    };
    let bare = !authority.contains(['/', '?', '#', '@', '*']);
    bare && url::Url::parse(&plain).is_ok_and(|url| url.host().is_some())
}

fn origins(check: &mut Check<'_>) {
    let lists = [
        ("csrf.trusted_origins", &check.settings.csrf.trusted_origins, true),
        ("cors.allowed_origins", &check.settings.cors.allowed_origins, false),
    ];
    for (key, list, wildcard) in lists {
        let fits = |text: &String| is_origin(text, wildcard) || (!wildcard && text == "null");
        if !list.iter().all(fits) {
            let message = format!("`{key}` has an item that is no origin");
            check.error(key, message, "write \"https://app.example.com\", without a path");
        }
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
    if cors.allow_credentials && cors.allowed_origins.iter().any(|origin| origin == "null") {
        check.warning(
            "cors.allowed_origins",
            "`cors.allowed_origins` has \"null\", which every sandboxed page can claim to be",
            "remove it",
        );
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
