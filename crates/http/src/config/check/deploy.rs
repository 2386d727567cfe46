//! Settings that suit a trial and not production: `rest-auth check --deploy`.

use rest_auth_flows::settings::EmailBackend;
use rest_auth_flows::settings::PasswordValidator;
use rest_auth_flows::settings::auth::PasswordHasher;
use rest_auth_settings::{Finding, Profile, ValueOrigin};

use super::collector::Check;
use super::credentials::is_weak;
use crate::config::Settings;
use crate::config::derive::is_local_http;

/// Advice for production. All of it are warnings.
#[must_use]
pub fn deploy(settings: &Settings) -> Vec<Finding> {
    let mut check = Check::new(settings);
    keys(&mut check);
    addresses(&mut check);
    cookies(&mut check);
    passwords(&mut check);
    backends(&mut check);
    accounts(&mut check);
    environment(&mut check);
    check.findings
}

fn keys(check: &mut Check<'_>) {
    let key = "server.secret_key";
    match &check.settings.signing.secret_key {
        // Told already, as it is no key of the project.
        None if check.settings.profile == Profile::Django => {}
        None => check.warning(
            key,
            "`server.secret_key` is not set: one is made and kept beside the database",
            "set it, or `server.secret_key_file`, so that it is backed up and shared",
        ),
        Some(secret)
            if !is_weak(secret.expose())
                && (secret.expose().len() < 50
                    || secret.expose().starts_with("django-insecure")) =>
        {
            let cure = match check.settings.profile {
                Profile::Django => {
                    "change SECRET_KEY in the project and here at once, and keep the old one in \
                     SECRET_KEY_FALLBACKS and `server.secret_key_fallbacks`: openssl rand -base64 48"
                }
                Profile::Strict => "make one: openssl rand -base64 48",
            };
            let problem = "`server.secret_key` is short, or made by Django's project template";
            check.warning(key, problem, cure);
        }
        Some(_) => {}
    }
    let jwt = &check.settings.simple_jwt;
    if !check.settings.rest_auth.use_jwt {
        return;
    }
    if jwt.signing_key.is_none() {
        check.warning(
            "simple_jwt.signing_key",
            "JWTs are signed with `server.secret_key`",
            "give them a key of their own, which others can verify them with",
        );
    }
    if jwt.issuer.is_none() || jwt.audience.is_none() {
        let key = if jwt.issuer.is_none() { "simple_jwt.issuer" } else { "simple_jwt.audience" };
        check.warning(
            key,
            format!("`{key}` is not set: tokens of another service with this key are accepted"),
            "set `simple_jwt.issuer` and `simple_jwt.audience`",
        );
    }
    if jwt.check_revoke_token {
        check.warning(
            "simple_jwt.check_revoke_token",
            "`simple_jwt.check_revoke_token` shows clients a digest of the password hash",
            "set `simple_jwt.check_epoch = true` in its place",
        );
    }
}

fn addresses(check: &mut Check<'_>) {
    let http = &check.settings.http;
    match http.public_url.as_deref() {
        None => check.warning(
            "server.public_url",
            "`server.public_url` is not set: links in mails have the host of the request",
            "set the address under which clients reach this server",
        ),
        Some(url) if !url.starts_with("https://") => check.warning(
            "server.public_url",
            "`server.public_url` is http: passwords travel in the clear",
            "serve https, by `server.tls` or a proxy, and write https:// here",
        ),
        Some(_) => {}
    }
    if http.allowed_hosts.iter().any(|host| host == "*") {
        check.warning(
            "server.allowed_hosts",
            "`server.allowed_hosts` accepts every Host",
            "list the names of this server",
        );
    }
    if check.settings.cors.allow_all_origins {
        check.warning(
            "cors.allow_all_origins",
            "`cors.allow_all_origins` lets every site read answers",
            "list the origins in `cors.allowed_origins`",
        );
    }
}

/// Django looks users up by its own backend alone unless `AUTHENTICATION_BACKENDS` lists others.
fn backends(check: &mut Check<'_>) {
    let key = "auth.authentication_backends";
    let settings = check.settings;
    let is_copied = *settings.origin(key) != ValueOrigin::Default;
    if settings.profile == Profile::Django && settings.apps.has_allauth() && !is_copied {
        check.warning(
            key,
            "`auth.authentication_backends` is not set: logins are looked up as with allauth's \
             backend beside Django's own",
            "copy AUTHENTICATION_BACKENDS of the Django project; without it Django's is [\"model\"]",
        );
    }
}

fn cookies(check: &mut Check<'_>) {
    if is_local_http(check.settings) {
        return;
    }
    let settings = check.settings;
    let jwt = settings.rest_auth.use_jwt && settings.rest_auth.jwt_auth_cookie.is_some();
    let flags = [
        ("session.cookie_secure", settings.session.cookie_secure),
        ("csrf.cookie_secure", settings.csrf.cookie_secure),
        ("rest_auth.jwt_auth_secure", settings.rest_auth.jwt_auth_secure || !jwt),
        ("rest_auth.jwt_auth_cookie_use_csrf", settings.rest_auth.jwt_auth_cookie_use_csrf || !jwt),
        ("rest_auth.jwt_auth_httponly", settings.rest_auth.jwt_auth_httponly || !jwt),
        ("session.cookie_httponly", settings.session.cookie_httponly),
    ];
    for (key, safe) in flags {
        if !safe {
            check.warning(key, format!("`{key}` is off"), "set it to true");
        }
    }
}

fn passwords(check: &mut Check<'_>) {
    let auth = &check.settings.auth;
    let key = "auth.password_validators";
    let length = auth.password_validators.iter().find_map(|validator| match validator {
        PasswordValidator::MinimumLength { min_length } => Some(*min_length),
        _ => None,
    });
    if length.is_none_or(|length| length < 8) {
        check.warning(
            key,
            "passwords shorter than 8 characters are accepted",
            "add minimum_length",
        );
    } else if length.is_some_and(|length| length < 15) {
        check.warning(
            key,
            "passwords shorter than 15 characters are accepted as the only factor",
            "NIST SP 800-63B asks for 15: {name = \"minimum_length\", min_length = 15}",
        );
    }
    if !auth.password_validators.contains(&PasswordValidator::CommonPassword) {
        check.warning(key, "common passwords are accepted", "add common_password");
    }
    if auth.password_hashers.contains(&PasswordHasher::Md5) {
        check.warning("auth.password_hashers", "`auth.password_hashers` has \"md5\"", "remove it");
    }
}

fn accounts(check: &mut Check<'_>) {
    if !check.settings.account.identify_by_proven_email {
        check.warning(
            "account.identify_by_proven_email",
            "`account.identify_by_proven_email` is off: an address that nobody has verified \
             identifies the account of whoever added it, and mails to its owner open that account",
            "set it to true",
        );
    }
}

fn environment(check: &mut Check<'_>) {
    let settings = check.settings;
    if settings.email.backend != EmailBackend::Smtp {
        check.warning(
            "email.backend",
            "`email.backend` delivers no mails",
            "set it to \"smtp\", with `email.host`",
        );
    } else if !settings.email.use_tls
        && !settings.email.use_ssl
        && settings.email.host != "localhost"
    {
        check.warning(
            "email.use_tls",
            "mails, and the links in them, travel in the clear",
            "set `email.use_tls = true`",
        );
    }
    if settings.email.default_from_email.ends_with("@localhost") {
        check.warning(
            "email.default_from_email",
            "`email.default_from_email` is an address at localhost, which is seldom delivered",
            "set the sender of mails",
        );
    }
    if settings.database.url.scheme() == "sqlite" {
        check.warning(
            "database.url",
            "the database is SQLite: one server can use it, and its disk must be backed up",
            "take PostgreSQL or MySQL for several servers",
        );
    }
    if settings.account.logout_on_get {
        check.warning(
            "account.logout_on_get",
            "`account.logout_on_get` lets any page sign its visitors out",
            "set it to false",
        );
    }
}
