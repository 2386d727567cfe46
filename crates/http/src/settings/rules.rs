//! Rules about single keys of requests and answers.

use rest_auth_settings::ValueError;
use rest_auth_settings::rules::{is_url, not_empty};
use url::Url;

use super::rest_framework::Authentication;

/// A path without a slash at its end, and without segments that browsers would resolve.
pub(super) fn base_path(path: &str) -> Result<(), ValueError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-_.~".contains(c);
    let whole = path.starts_with('/') && !path.contains("//") && path.chars().all(plain);
    let dots = path.split('/').any(|part| part == "." || part == "..");
    let ends = path == "/" || !path.ends_with('/');
    if whole && ends && !dots {
        return Ok(());
    }
    Err(ValueError::rule(
        "must be a path such as \"/api/auth\", without a slash at its end",
        "for the root write \"/\"",
    ))
}

/// Scheme, host and port alone.
pub(super) fn public_url(text: &str) -> Result<(), ValueError> {
    let fits = Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.host().is_some()
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
    });
    if fits && is_url(text) {
        return Ok(());
    }
    Err(ValueError::rule(
        "must be an address such as \"https://auth.example.com\"",
        "write the path of the API into `server.base_path`",
    ))
}

/// Names without scheme and path.
pub(super) fn hosts(hosts: &[String]) -> Result<(), ValueError> {
    let name = |host: &String| {
        !host.is_empty() && !["://", "/", " "].iter().any(|part| host.contains(part))
    };
    if hosts.iter().all(name) {
        return Ok(());
    }
    Err(ValueError::rule(
        "has an item that is no host name",
        "write \"auth.example.com\", \".example.com\" or \"*\"",
    ))
}

/// Origins of which some may stand for all subdomains.
pub(super) fn trusted_origins(origins: &[String]) -> Result<(), ValueError> {
    if origins.iter().all(|text| is_origin(&text.replacen("://*.", "://", 1))) {
        return Ok(());
    }
    Err(no_origin())
}

/// Origins, or `null` and `file://`, which is what sandboxed pages and pages of a file send.
pub(super) fn allowed_origins(origins: &[String]) -> Result<(), ValueError> {
    let is_special = |text: &str| matches!(text, "null" | "file://");
    if origins.iter().all(|text| is_special(text) || is_origin(text)) {
        return Ok(());
    }
    Err(no_origin())
}

fn no_origin() -> ValueError {
    ValueError::rule(
        "has an item that is no origin",
        "write \"https://app.example.com\", without a path",
    )
}

/// Whether a text is `scheme://host[:port]`.
fn is_origin(text: &str) -> bool {
    let Some((_, authority)) = text.split_once("://") else { return false };
    let bare = !authority.contains(['/', '?', '#', '@', '*']);
    bare && Url::parse(text).is_ok_and(|url| url.host().is_some())
}

pub(super) fn authentication(classes: &[Authentication]) -> Result<(), ValueError> {
    not_empty(
        classes,
        "is empty: nobody can be signed in",
        "list \"token\", \"jwt_cookie\" or \"session\"",
    )
}
