//! Rules about single keys of accounts.

use rest_auth_settings::rules::not_empty;
use rest_auth_settings::{Secret, ValueError, nearest};

use super::account::LoginMethod;
use super::auth::{AuthenticationBackend, PasswordHasher};
use super::mfa::DeactivationProof;

/// Django's `LANGUAGES`.
const KNOWN: [&str; 97] = [
    "af", "ar", "ar-dz", "ast", "az", "bg", "be", "bn", "br", "bs", "ca", "ckb", "cs", "cy", "da",
    "de", "dsb", "el", "en", "en-au", "en-gb", "eo", "es", "es-ar", "es-co", "es-mx", "es-ni",
    "es-ve", "et", "eu", "fa", "fi", "fr", "fy", "ga", "gd", "gl", "he", "hi", "hr", "hsb", "hu",
    "hy", "ia", "id", "ig", "io", "is", "it", "ja", "ka", "kab", "kk", "km", "kn", "ko", "ky",
    "lb", "lt", "lv", "mk", "ml", "mn", "mr", "ms", "my", "nb", "ne", "nl", "nn", "os", "pa", "pl",
    "pt", "pt-br", "ro", "ru", "sk", "sl", "sq", "sr", "sr-latn", "sv", "sw", "ta", "te", "tg",
    "th", "tk", "tr", "tt", "udm", "ug", "uk", "ur", "uz", "vi",
];
/// The rest of them: languages that have a script in their code.
const KNOWN_WITH_SCRIPT: [&str; 2] = ["zh-hans", "zh-hant"];

pub(super) fn login_methods(methods: &[LoginMethod]) -> Result<(), ValueError> {
    not_empty(methods, "is empty: a login accepts nothing", "list \"username\" or \"email\"")
}

pub(super) fn deactivate_with(proofs: &[DeactivationProof]) -> Result<(), ValueError> {
    let message = "is empty: nobody could switch their second factor off";
    not_empty(proofs, message, "list \"totp\"")
}

/// The fewest bytes of a key that nobody guesses, as HS256 asks for (RFC 7518, section 3.2).
const SHORTEST_KEY: usize = 32;

pub(super) fn encryption_key(key: &Secret) -> Result<(), ValueError> {
    if key.expose().len() >= SHORTEST_KEY {
        return Ok(());
    }
    let message = format!("must have {SHORTEST_KEY} bytes at least");
    Err(ValueError::rule(message, "make one by `openssl rand -base64 48`"))
}

pub(super) fn password_hashers(hashers: &[PasswordHasher]) -> Result<(), ValueError> {
    not_empty(hashers, "is empty: no password would ever verify", "list \"argon2\"")
}

pub(super) fn backends(backends: &[AuthenticationBackend]) -> Result<(), ValueError> {
    not_empty(backends, "is empty: nobody is looked up", "list \"model\" and \"allauth\"")
}

pub(super) fn scrypt_work_factor(n: u32) -> Result<(), ValueError> {
    if n.is_power_of_two() {
        return Ok(());
    }
    Err(ValueError::rule("must be a power of two", "Django's is 16384"))
}

pub(super) fn reset_link(template: &str) -> Result<(), ValueError> {
    link(template, &["{uid}", "{token}"])
}

pub(super) fn verification_link(template: &str) -> Result<(), ValueError> {
    link(template, &["{key}"])
}

pub(super) fn invitation_link(template: &str) -> Result<(), ValueError> {
    link(template, &["{code}"])
}

/// A domain in the form in which browsers compare it.
pub(super) fn rp_id(domain: &str) -> Result<(), ValueError> {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    if domain.split('.').all(is_label) {
        return Ok(());
    }
    let cure = "write \"example.com\": without scheme and port, in lower case";
    Err(ValueError::rule("must be a domain", cure))
}

/// Origins as browsers and applications name them, without a path.
pub(super) fn rp_origins(origins: &[String]) -> Result<(), ValueError> {
    let is_origin = |origin: &String| {
        let host = origin.split_once("://").map_or("", |(_, host)| host);
        let is_web = origin.starts_with("https://") || origin.starts_with("http://");
        let is_page = is_web && !host.is_empty() && !host.contains(['/', '*', ' ']);
        is_page || origin.starts_with("android:apk-key-hash:")
    };
    if origins.iter().all(is_origin) {
        return Ok(());
    }
    let cure = "write \"https://app.example.com\", each by itself and without a path";
    Err(ValueError::rule("has an item that is no origin", cure))
}

/// The address of a page.
pub(super) fn page(url: &str) -> Result<(), ValueError> {
    link(url, &[])
}

/// An address of http or https that has these parts.
fn link(template: &str, parts: &[&str]) -> Result<(), ValueError> {
    if let Some(part) = parts.iter().find(|part| !template.contains(**part)) {
        return Err(ValueError::rule(format!("must contain {part}"), ""));
    }
    let scheme = template.split_once("://").map_or("", |(scheme, _)| scheme);
    if matches!(scheme, "http" | "https") {
        return Ok(());
    }
    Err(ValueError::rule(
        "must be an address that begins with https://",
        "there is no page that it could be relative to",
    ))
}

pub(super) fn use_tz(on: bool) -> Result<(), ValueError> {
    if on {
        return Ok(());
    }
    Err(ValueError::rule(
        "must be true: datetimes are stored in UTC",
        "convert the database to USE_TZ = True first",
    ))
}

pub(super) fn language(code: &str) -> Result<(), ValueError> {
    if is_known(code) {
        return Ok(());
    }
    let known = KNOWN.into_iter().chain(KNOWN_WITH_SCRIPT);
    let cure = nearest::word(known, code).map_or_else(
        || "use a code such as \"de\"".to_owned(),
        |nearest| format!("did you mean \"{nearest}\"?"),
    );
    Err(ValueError::rule("has an unknown language", cure))
}

pub(super) fn languages(codes: &[String]) -> Result<(), ValueError> {
    codes.iter().try_for_each(|code| language(code))
}

/// A code is known if it, or its language without a region, is.
fn is_known(code: &str) -> bool {
    let code = code.to_ascii_lowercase();
    let general = code.split('-').next().unwrap_or_default();
    [code.as_str(), general].iter().any(|c| KNOWN.contains(c) || KNOWN_WITH_SCRIPT.contains(c))
}
