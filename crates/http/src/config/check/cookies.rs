//! Cookies that browsers would drop without an error.

use rest_auth_flows::settings::SameSite;
use rest_auth_settings::ValueOrigin;

use super::addresses::drops_secure_cookies;
use super::collector::Check;

/// The attributes of one cookie, and the keys that set them.
struct Cookie<'a> {
    table: &'static str,
    prefix: &'static str,
    name: Option<&'a str>,
    domain: Option<&'a str>,
    path: &'a str,
    secure: bool,
    same_site: Option<SameSite>,
}

pub(super) fn check(check: &mut Check<'_>) {
    for cookie in cookies(check) {
        same_site(check, &cookie);
        domain(check, &cookie);
        name(check, &cookie);
    }
    collisions(check);
    dropped(check);
}

/// Cookies of one name, of which browsers keep one.
fn collisions(check: &mut Check<'_>) {
    let settings = check.settings;
    let jwt = Some(&settings.rest_auth).filter(|jwt| jwt.use_jwt);
    let csrf = Some(&settings.csrf).filter(|csrf| !csrf.use_sessions);
    let i18n = Some(&settings.i18n).filter(|i18n| i18n.use_i18n && i18n.negotiate_language);
    let names: [(&str, Option<&str>); 5] = [
        ("session.cookie_name", Some(&settings.session.cookie_name)),
        ("csrf.cookie_name", csrf.map(|csrf| csrf.cookie_name.as_str())),
        ("i18n.language_cookie_name", i18n.map(|i18n| i18n.language_cookie_name.as_str())),
        ("rest_auth.jwt_auth_cookie", jwt.and_then(|jwt| jwt.jwt_auth_cookie.as_deref())),
        (
            "rest_auth.jwt_auth_refresh_cookie",
            jwt.and_then(|jwt| jwt.jwt_auth_refresh_cookie.as_deref()),
        ),
    ];
    for (position, (key, name)) in names.iter().enumerate() {
        let other = names[..position].iter().find(|(_, earlier)| name.is_some() && earlier == name);
        if let Some((other, _)) = other {
            check.refuse(key, format!("`{key}` and `{other}` are the same"), "give them two names");
        }
    }
}

/// Cookies that are marked as Secure and come by http.
fn dropped(check: &mut Check<'_>) {
    if !drops_secure_cookies(check) {
        return;
    }
    let settings = check.settings;
    let flags = [
        ("session.cookie_secure", settings.session.cookie_secure),
        ("csrf.cookie_secure", settings.csrf.cookie_secure && !settings.csrf.use_sessions),
        (
            "rest_auth.jwt_auth_secure",
            settings.rest_auth.jwt_auth_secure
                && settings.rest_auth.use_jwt
                && settings.rest_auth.jwt_auth_cookie.is_some(),
        ),
    ];
    for (key, secure) in flags {
        if secure {
            let message =
                format!("`{key}` is on, but `server.public_url` is http: browsers drop the cookie");
            let cure = format!("serve https, or set `{key} = false` for a trial");
            check.warning(key, message, cure);
        }
    }
}

fn cookies<'a>(check: &Check<'a>) -> [Cookie<'a>; 4] {
    let settings = check.settings;
    let (session, csrf, jwt) = (&settings.session, &settings.csrf, &settings.rest_auth);
    let of_jwt = |name: &'a Option<String>, path: &'a str| Cookie {
        table: "rest_auth",
        prefix: "jwt_auth_",
        name: name.as_deref().filter(|_| jwt.use_jwt),
        domain: jwt.jwt_auth_cookie_domain.as_deref(),
        path,
        secure: jwt.jwt_auth_secure,
        same_site: jwt.jwt_auth_samesite,
    };
    [
        Cookie {
            table: "session",
            prefix: "cookie_",
            name: Some(&session.cookie_name),
            domain: session.cookie_domain.as_deref(),
            path: &session.cookie_path,
            secure: session.cookie_secure,
            same_site: session.cookie_samesite,
        },
        Cookie {
            table: "csrf",
            prefix: "cookie_",
            name: Some(&csrf.cookie_name),
            domain: csrf.cookie_domain.as_deref(),
            path: &csrf.cookie_path,
            secure: csrf.cookie_secure,
            same_site: csrf.cookie_samesite,
        },
        of_jwt(&jwt.jwt_auth_cookie, "/"),
        of_jwt(&jwt.jwt_auth_refresh_cookie, &jwt.jwt_auth_refresh_cookie_path),
    ]
}

fn same_site(check: &mut Check<'_>, cookie: &Cookie<'_>) {
    if cookie.name.is_none() || cookie.secure || cookie.same_site != Some(SameSite::None) {
        return;
    }
    let key = format!("{}.{}samesite", cookie.table, cookie.prefix);
    let secure = format!("{}.{}secure", cookie.table, cookie.prefix);
    let message = format!("`{key}` is \"None\", but `{secure}` is false: browsers drop the cookie");
    check.refuse(&key, message, format!("set `{secure} = true`"));
}

fn domain(check: &mut Check<'_>, cookie: &Cookie<'_>) {
    let Some(domain) = cookie.domain.filter(|_| cookie.name.is_some()) else { return };
    let key = match cookie.table {
        "rest_auth" => "rest_auth.jwt_auth_cookie_domain".to_owned(),
        table => format!("{table}.cookie_domain"),
    };
    // The default address is a placeholder, so no conclusion is drawn from it.
    if *check.settings.origin("server.public_url") == ValueOrigin::Default {
        return;
    }
    let domain = domain.trim_start_matches('.').to_ascii_lowercase();
    let url = check.settings.http.public_url.as_deref().and_then(|url| url::Url::parse(url).ok());
    let Some(host) = url.as_ref().and_then(url::Url::host_str) else { return };
    let inside = host == domain || host.strip_suffix(&domain).is_some_and(|sub| sub.ends_with('.'));
    if !inside {
        let message = format!("`{key}` is no suffix of the host of `server.public_url`");
        check.error(&key, message, "browsers drop the cookie; correct one of the two");
    }
}

/// Names with a prefix that browsers enforce (RFC 6265bis section 4.1.3), and names that are none.
fn name(check: &mut Check<'_>, cookie: &Cookie<'_>) {
    let Some(name) = cookie.name else { return };
    let key =
        match (cookie.table, Some(name) == check.settings.rest_auth.jwt_auth_cookie.as_deref()) {
            ("rest_auth", true) => "rest_auth.jwt_auth_cookie".to_owned(),
            ("rest_auth", false) => "rest_auth.jwt_auth_refresh_cookie".to_owned(),
            (table, _) => format!("{table}.cookie_name"),
        };
    let token = |c: char| c.is_ascii_graphic() && !"()<>@,;:\\\"/[]?={}".contains(c);
    if name.is_empty() || !name.chars().all(token) {
        return check.error(&key, format!("`{key}` is no name of a cookie"), "use letters and -");
    }
    let host = name.starts_with("__Host-");
    if (host || name.starts_with("__Secure-")) && !cookie.secure {
        let message = format!("`{key}` has a prefix that demands Secure: browsers drop the cookie");
        check.error(
            &key,
            message,
            format!("set `{}.{}secure = true`", cookie.table, cookie.prefix),
        );
    }
    if host && (cookie.domain.is_some() || cookie.path != "/") {
        let message = format!("`{key}` begins with __Host-, which demands path / and no domain");
        check.error(&key, message, "begin it with __Secure-, or remove path and domain");
    }
}
