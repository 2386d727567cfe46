//! Pages of other origins: what browsers and the CSRF check let them do.

use rest_auth_domain::csrf::{TrustedOrigins, header_name};
use rest_auth_flows::settings::SameSite;
use url::Url;

use super::addresses::given_url;
use super::collector::Check;
use super::sites;
use crate::rules::hosts::origin_of;
use crate::settings::rest_framework::Authentication;

pub(super) fn check(check: &mut Check<'_>) {
    spellings(check);
    everybody(check);
    patterns(check);
    let cors = &check.settings.cors;
    let is_on = cors.allow_all_origins
        || !cors.allowed_origins.is_empty()
        || !cors.allowed_origin_regexes.is_empty();
    if is_on {
        preflight(check);
        trust(check);
        cookies(check);
    }
}

/// Origins in another spelling than browsers send.
fn spellings(check: &mut Check<'_>) {
    let lists = [
        ("cors.allowed_origins", &check.settings.cors.allowed_origins),
        ("csrf.trusted_origins", &check.settings.csrf.trusted_origins),
    ];
    for (key, origins) in lists {
        for origin in origins {
            let host = origin.replacen("://*.", "://", 1);
            let Some(mut sent) = origin_of(&host) else { continue };
            if host != *origin {
                sent = sent.replacen("://", "://*.", 1);
            }
            if sent != *origin {
                let message = format!("`{key}` has \"{origin}\", which no browser sends");
                check.warning(key, message, format!("write \"{sent}\""));
            }
        }
    }
}

fn everybody(check: &mut Check<'_>) {
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

/// Patterns that match more than was meant.
fn patterns(check: &mut Check<'_>) {
    let key = "cors.allowed_origin_regexes";
    let cors = &check.settings.cors;
    for pattern in &cors.allowed_origin_regexes {
        let text = pattern.as_str();
        if pattern.is_open() {
            let message = format!(
                "`{key}` has '{text}', which also matches what has anything behind it, such as \
                 https://app.example.com.evil.example"
            );
            let cure = "end it with $";
            if cors.allow_credentials {
                check.refuse(key, message, cure);
            } else {
                check.warning(key, message, cure);
            }
        }
        if pattern.has_bare_dot() {
            let message = format!("`{key}` has '{text}', in which a dot matches any character");
            check.warning(key, message, r"write \. for a dot");
        }
    }
    let base = check.settings.http.base_path.trim_end_matches('/');
    if cors.urls_regex.as_ref().is_some_and(|paths| !paths.is_match(&format!("{base}/login/"))) {
        let message = format!("`cors.urls_regex` does not match the API, which is at {base}/");
        check.warning("cors.urls_regex", message, "remove it, or let it match");
    }
}

/// Headers and methods that a preflight must allow.
fn preflight(check: &mut Check<'_>) {
    let settings = check.settings;
    let cors = &settings.cors;
    let allows = |name: &str| {
        cors.allow_headers.iter().any(|header| header == "*" || header.eq_ignore_ascii_case(name))
    };
    let csrf = header_name(&settings.csrf.header_name);
    let login = header_name(&settings.simple_jwt.auth_header_name);
    let needed = [
        (csrf, "csrf.header_name", cors.allow_credentials && needs_csrf_token(check)),
        (login, "simple_jwt.auth_header_name", settings.rest_auth.use_jwt),
        ("content-type".to_owned(), "", true),
    ];
    for (header, named_by, is_needed) in needed {
        if is_needed && !allows(&header) {
            let of = if named_by.is_empty() { String::new() } else { format!(" of `{named_by}`") };
            let message = format!(
                "`cors.allow_headers` lacks the header{of}, {header}: browsers do not let pages of \
                 other origins send it"
            );
            check.warning("cors.allow_headers", message, format!("add \"{header}\""));
        }
    }
    if !cors.allow_methods.iter().any(|method| method.eq_ignore_ascii_case("POST")) {
        check.warning(
            "cors.allow_methods",
            "`cors.allow_methods` lacks POST, by which everything is done here",
            "add it",
        );
    }
}

/// Whether a login opens a session that requests are accepted with.
fn uses_sessions(check: &Check<'_>) -> bool {
    let accepted = &check.settings.rest_framework.default_authentication_classes;
    check.settings.rest_auth.session_login && accepted.contains(&Authentication::Session)
}

/// Whether a login hands out JWTs in cookies.
fn uses_jwt_cookies(check: &Check<'_>) -> bool {
    let jwt = &check.settings.rest_auth;
    jwt.use_jwt && (jwt.jwt_auth_cookie.is_some() || jwt.jwt_auth_refresh_cookie.is_some())
}

/// Whether browsers send what a login sets for pages of other sites, too.
pub(super) fn has_cookies_for_other_sites(check: &Check<'_>) -> bool {
    let settings = check.settings;
    let (session, jwt) = (settings.session.cookie_samesite, settings.rest_auth.jwt_auth_samesite);
    let used = [(uses_sessions(check), session), (uses_jwt_cookies(check), jwt)];
    used.into_iter().any(|(is_used, same_site)| is_used && same_site == Some(SameSite::None))
}

/// Whether something that cookies carry needs a CSRF token with it.
fn needs_csrf_token(check: &Check<'_>) -> bool {
    let settings = check.settings;
    let jwt = settings.rest_auth.jwt_auth_cookie_use_csrf || settings.csrf.check_refresh_cookie;
    uses_sessions(check) || (uses_jwt_cookies(check) && jwt)
}

/// Origins that may read answers and whose requests the CSRF check refuses.
fn trust(check: &mut Check<'_>) {
    let settings = check.settings;
    let cors = &settings.cors;
    let is_checked =
        settings.csrf.check_login_origin || (cors.allow_credentials && needs_csrf_token(check));
    if !is_checked {
        return;
    }
    let key = "csrf.trusted_origins";
    let trusted = TrustedOrigins::parse(&settings.csrf.trusted_origins).unwrap_or_default();
    let own = settings.http.public_url.as_deref().and_then(origin_of);
    let is_refused = |origin: &&String| {
        !matches!(origin.as_str(), "null" | "file://")
            && own.as_ref() != Some(*origin)
            && !trusted.trusts_origin(origin)
    };
    let refused: Vec<_> = cors.allowed_origins.iter().filter(is_refused).cloned().collect();
    if !refused.is_empty() {
        let list = refused.join(", ");
        let message = format!(
            "`{key}` lacks {list} of `cors.allowed_origins`: what pages there send is refused with \
             403, logins as well"
        );
        check.warning(key, message, "add it there");
    } else if settings.csrf.trusted_origins.is_empty() && !cors.allowed_origin_regexes.is_empty() {
        let message = format!(
            "`{key}` is empty, and `cors.allowed_origin_regexes` is not: what pages of those \
             origins send is refused with 403, logins as well"
        );
        check.warning(key, message, "list them there, such as \"https://*.example.com\"");
    }
}

/// Cookies that pages of other origins need and that browsers do not send, or hide from them.
fn cookies(check: &mut Check<'_>) {
    let (sessions, jwt) = (uses_sessions(check), uses_jwt_cookies(check));
    let given = &check.settings.rest_auth;
    let only_sessions = sessions && !given.token_model && !given.use_jwt;
    if !check.settings.cors.allow_credentials {
        if jwt || only_sessions {
            check.warning(
                "cors.allow_credentials",
                "a login hands out cookies, but `cors.allow_credentials` is off: browsers neither \
                 keep nor send them for pages of other origins",
                "set `cors.allow_credentials = true`",
            );
        }
        return;
    }
    let Some(own) = given_url(check) else { return };
    let origins = &check.settings.cors.allowed_origins;
    let pages: Vec<_> = origins.iter().filter_map(|origin| Url::parse(origin).ok()).collect();
    if let Some(page) = pages.iter().find(|page| !sites::same(&own, page)) {
        other_site(check, &own, page);
    } else if let Some(page) = pages.iter().find(|page| page.host_str() != own.host_str()) {
        other_host(check, &own, page);
    }
}

/// `SameSite` keeps cookies from requests that pages of other sites send.
fn other_site(check: &mut Check<'_>, own: &Url, page: &Url) {
    let settings = check.settings;
    let csrf = needs_csrf_token(check) && !settings.csrf.use_sessions;
    let used = [
        ("session.cookie_samesite", settings.session.cookie_samesite, uses_sessions(check)),
        ("csrf.cookie_samesite", settings.csrf.cookie_samesite, csrf),
        (
            "rest_auth.jwt_auth_samesite",
            settings.rest_auth.jwt_auth_samesite,
            uses_jwt_cookies(check),
        ),
    ];
    let (own_site, page_site) = (shown(own), shown(page));
    for (key, same_site, is_used) in used {
        if !is_used || same_site == Some(SameSite::None) {
            continue;
        }
        let value = same_site.map_or("not set", SameSite::as_str);
        let message = format!(
            "`{key}` is {value}, and {page_site} is another site than {own_site} \
             (`server.public_url`): browsers do not send the cookie from there"
        );
        let cure = match (own.host_str(), page.port_or_known_default()) {
            (Some("localhost"), Some(port)) => {
                format!("open the page at http://localhost:{port}")
            }
            _ => {
                "serve page and API below one domain, or set it to \"None\" (with https)".to_owned()
            }
        };
        check.warning(key, message, cure);
    }
}

/// Scripts read the CSRF token from its cookie, which another host does not see without a domain.
fn other_host(check: &mut Check<'_>, own: &Url, page: &Url) {
    let csrf = &check.settings.csrf;
    let domain = csrf.cookie_domain.as_deref().map(|domain| domain.trim_start_matches('.'));
    let host = page.host_str().unwrap_or_default();
    let sees = |domain: &str| host == domain || host.ends_with(&format!(".{domain}"));
    if csrf.use_sessions || !needs_csrf_token(check) || domain.is_some_and(sees) {
        return;
    }
    let message = format!(
        "scripts of {} cannot read the CSRF cookie of {}: `csrf.cookie_domain` does not cover both",
        shown(page),
        shown(own)
    );
    let both = sites::registered(own).unwrap_or_default();
    check.warning("csrf.cookie_domain", message, format!("set it to \".{both}\""));
}

fn shown(url: &Url) -> String {
    url.origin().ascii_serialization()
}
