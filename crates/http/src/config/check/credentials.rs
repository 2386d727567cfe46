//! The credentials that a login returns, and those that are accepted.

use rest_auth_flows::settings::rest_auth::TokenStorage;
use rest_auth_settings::{Secret, ValueOrigin};

use super::collector::Check;
use crate::settings::rest_framework::Authentication;

/// How many characters a secret key needs so that guessing is hopeless.
const SHORTEST_SECRET: usize = 32;

/// How many different characters it has, at least, if it was made at random (Django's limit).
const FEWEST_CHARACTERS: usize = 5;

pub(super) fn check(check: &mut Check<'_>) {
    schemes(check);
    allauth(check);
    token(check);
    if check.settings.rest_auth.use_jwt {
        keys(check);
        lifetimes(check);
        refresh_token(check);
        reuse(check);
    }
    jwt_cookies(check);
    secret_key(check);
}

fn schemes(check: &mut Check<'_>) {
    let given = &check.settings.rest_auth;
    let accepted = &check.settings.rest_framework.default_authentication_classes;
    if !given.token_model && !given.use_jwt && !given.session_login {
        return check.error(
            "rest_auth.token_model",
            "a login hands out nothing: `rest_auth.token_model`, `use_jwt` and `session_login` \
             are all false",
            "set one of them",
        );
    }
    let accepts = |scheme| accepted.contains(&scheme);
    let jwt = accepts(Authentication::Jwt) || accepts(Authentication::JwtCookie);
    let token = given.token_model && !given.use_jwt;
    let useful = (given.use_jwt && jwt)
        || (token && accepts(Authentication::Token))
        || (given.session_login && accepts(Authentication::Session))
        || accepts(Authentication::Basic);
    if !useful {
        // Endpoints that are open to anybody work all the same, as does a logout.
        check.warning(
            "rest_framework.default_authentication_classes",
            "nothing that a login hands out is in `rest_framework.default_authentication_classes`",
            "add what `[rest_auth]` hands out: \"token\", \"jwt_cookie\" or \"session\"",
        );
    } else if given.use_jwt && !jwt {
        check.warning(
            "rest_auth.use_jwt",
            "a login hands out JWTs, but no endpoint accepts them",
            "add \"jwt_cookie\" to `rest_framework.default_authentication_classes`",
        );
    }
}

/// Registration is built on allauth.
fn allauth(check: &mut Check<'_>) {
    let key = "apps.registration";
    let is_asked_for = *check.settings.origin(key) != ValueOrigin::Default;
    if !check.settings.apps.has_allauth() && check.settings.apps.registration && is_asked_for {
        check.error(
            key,
            "`apps.registration` needs django-allauth, which `apps.allauth = false` says is not \
             there",
            "remove one of the two keys",
        );
    }
}

fn token(check: &mut Check<'_>) {
    let given = &check.settings.rest_auth;
    if given.token_storage != TokenStorage::Django {
        return;
    }
    let limits = [
        ("rest_auth.token_lifetime", given.token_lifetime.is_some()),
        ("rest_auth.token_idle_timeout", given.token_idle_timeout.is_some()),
    ];
    for (key, set) in limits {
        if set && *check.settings.origin(key) != ValueOrigin::Default {
            let message = format!("`{key}` has no effect on tokens in `authtoken_token`");
            check.error(key, message, "set `rest_auth.token_storage = \"digest\"`, or remove it");
        }
    }
}

fn keys(check: &mut Check<'_>) {
    let jwt = &check.settings.simple_jwt;
    let algorithm = jwt.algorithm.as_str();
    let signing = jwt.signing_key.as_ref().or(check.settings.signing.secret_key.as_ref());
    if let Some(shortest) = jwt.algorithm.shortest_secret() {
        let short = signing.is_some_and(|key| key.expose().len() < shortest);
        if short {
            let key = match jwt.signing_key {
                Some(_) => "simple_jwt.signing_key",
                None => "server.secret_key",
            };
            let message = format!("`{key}` is shorter than the {shortest} bytes of {algorithm}");
            // PyJWT warns and goes on.
            check.refuse(key, message, "take a longer one: openssl rand -base64 64");
        }
        return;
    }
    if jwt.signing_key.is_none() {
        let message = format!("{algorithm} needs a private key in PEM in `simple_jwt.signing_key`");
        check.error("simple_jwt.signing_key", message, "or its file in `signing_key_file`");
    }
}

/// Whether the refresh token of a login reaches the client.
fn refresh_token(check: &mut Check<'_>) {
    let jwt = &check.settings.rest_auth;
    if jwt.jwt_auth_httponly && jwt.jwt_auth_refresh_cookie.is_none() {
        check.warning(
            "rest_auth.jwt_auth_httponly",
            "no client gets a refresh token: `rest_auth.jwt_auth_httponly` keeps it out of answers, \
             and `rest_auth.jwt_auth_refresh_cookie` names no cookie for it",
            "name the cookie, or set `rest_auth.jwt_auth_httponly = false` for clients that keep it \
             themselves",
        );
    }
}

/// Cookies for JWTs that carry none, or that no endpoint reads.
fn jwt_cookies(check: &mut Check<'_>) {
    let jwt = &check.settings.rest_auth;
    let named = [
        ("jwt_auth_cookie", &jwt.jwt_auth_cookie),
        ("jwt_auth_refresh_cookie", &jwt.jwt_auth_refresh_cookie),
    ];
    if !jwt.use_jwt {
        for (key, _) in named.iter().filter(|(_, name)| name.is_some()) {
            let key = format!("rest_auth.{key}");
            let message = format!("`{key}` has no effect while `rest_auth.use_jwt` is off");
            check.warning(&key, message, "set `rest_auth.use_jwt = true`, or remove it");
        }
        return;
    }
    let accepted = &check.settings.rest_framework.default_authentication_classes;
    if jwt.jwt_auth_cookie.is_some()
        && accepted.contains(&Authentication::Jwt)
        && !accepted.contains(&Authentication::JwtCookie)
    {
        check.warning(
            "rest_framework.default_authentication_classes",
            "`rest_framework.default_authentication_classes` lacks \"jwt_cookie\": a login sets the \
             cookie `rest_auth.jwt_auth_cookie`, and no endpoint reads it",
            "list \"jwt_cookie\" in place of \"jwt\"",
        );
    }
}

fn lifetimes(check: &mut Check<'_>) {
    let jwt = &check.settings.simple_jwt;
    if jwt.refresh_token_lifetime < jwt.access_token_lifetime {
        check.warning(
            "simple_jwt.refresh_token_lifetime",
            "`simple_jwt.refresh_token_lifetime` is shorter than `access_token_lifetime`",
            "make it longer",
        );
    }
    if jwt.blacklist_after_rotation && !check.settings.apps.token_blacklist {
        let key = "simple_jwt.blacklist_after_rotation";
        let message = format!("`{key}` does nothing without the list of revoked tokens");
        let cure = "set `apps.token_blacklist = true`";
        // SimpleJWT goes on silently.
        check.refuse(key, message, cure);
    }
    if jwt.blacklist_after_rotation && !jwt.rotate_refresh_tokens {
        check.warning(
            "simple_jwt.blacklist_after_rotation",
            "`simple_jwt.blacklist_after_rotation` does nothing to tokens that are not rotated",
            "set `simple_jwt.rotate_refresh_tokens = true`",
        );
    }
    if jwt.auth_header_types.is_empty() {
        check.error(
            "simple_jwt.auth_header_types",
            "`simple_jwt.auth_header_types` is empty: no header can carry a token",
            "list \"Bearer\"",
        );
    }
}

fn reuse(check: &mut Check<'_>) {
    let (key, jwt) = ("simple_jwt.reuse_grace_while_unused", &check.settings.simple_jwt);
    let is_asked_for = *check.settings.origin(key) != ValueOrigin::Default;
    if is_asked_for && !jwt.reuse_grace_while_unused.is_zero() && jwt.reuse_grace.is_zero() {
        check.warning(
            key,
            format!("`{key}` has no effect while `simple_jwt.reuse_grace` is 0"),
            "set `simple_jwt.reuse_grace`, too",
        );
    }
}

/// Keys that everybody knows. Django starts with them.
fn secret_key(check: &mut Check<'_>) {
    let known = ["changeme", "change-me", "secret", "password", "insecure"];
    let keys = [
        ("server.secret_key", check.settings.signing.secret_key.as_ref()),
        ("simple_jwt.signing_key", check.settings.simple_jwt.signing_key.as_ref()),
    ];
    for (key, secret) in keys {
        let Some(secret) = secret.map(Secret::expose) else { continue };
        let cure = "make one: openssl rand -base64 48";
        if known.contains(&secret.to_ascii_lowercase().as_str()) {
            check.refuse(key, format!("`{key}` is a word that anybody can guess"), cure);
        } else if key == "server.secret_key" && is_weak(secret) {
            let message = format!(
                "`{key}` is short: whoever guesses it can forge sessions and links in mails"
            );
            check.warning(key, message, cure);
        }
    }
}

/// Whether a key can be guessed: it has fewer characters than 256 bits need, or too few different
/// ones.
pub(super) fn is_weak(secret: &str) -> bool {
    let mut characters: Vec<char> = secret.chars().collect();
    let length = characters.len();
    characters.sort_unstable();
    characters.dedup();
    length < SHORTEST_SECRET || characters.len() < FEWEST_CHARACTERS
}
