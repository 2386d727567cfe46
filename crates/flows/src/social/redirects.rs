//! Where a login in the browser may end.

use rest_auth_domain::message::Message;

use crate::auth::Auth;
use crate::error::AuthError;

/// The address where the front end waits, if it is one of the configured ones.
///
/// # Errors
/// [`AuthError::Invalid`] of `redirect_url`.
pub(super) fn allowed(auth: &Auth, wanted: String) -> Result<String, AuthError> {
    let settings = &auth.settings().social;
    let refused = || AuthError::field("redirect_url", Message::UnknownCallbackUrl);
    if wanted.is_empty() {
        return settings.redirect_url.clone().ok_or_else(refused);
    }
    let all = settings.redirect_url.iter().chain(&settings.redirect_urls);
    if all.into_iter().any(|url| fits(url, &wanted)) { Ok(wanted) } else { Err(refused()) }
}

/// Whether another app on the same device may get what is sent to an address.
pub(super) fn is_of_an_app(url: &str) -> bool {
    !url.starts_with("https://") && !url.starts_with("http://")
}

/// Whether an address is a configured one, with a query at most: a browser reads a path in more ways
/// than it can be compared in.
fn fits(configured: &str, wanted: &str) -> bool {
    let Some(rest) = wanted.strip_prefix(configured) else { return false };
    let is_plain = rest.bytes().all(|byte| byte.is_ascii_graphic()) && !rest.contains(['#', '\\']);
    rest.is_empty() || (is_plain && rest.starts_with('?') && !configured.contains('?'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_of_the_list_with_a_query_at_most() {
        let front = "https://app.example.com/login";
        for wanted in
            ["https://app.example.com/login", "https://app.example.com/login?next=/a/../b"]
        {
            assert!(fits(front, wanted), "{wanted}");
        }
        for wanted in [
            "https://app.example.com/loginx",
            "https://app.example.com/login/",
            "https://app.example.com/login/%2e%2e/other",
            "https://app.example.com/login/../x",
            "https://app.example.com.evil.example/login",
            "https://app.example.com",
            "http://app.example.com/login",
            "https://app.example.com/login#x",
            "https://app.example.com/login?\\x",
            "https://app.example.com/login?\u{e9}",
        ] {
            assert!(!fits(front, wanted), "{wanted}");
        }
        assert!(!fits("https://app.example.com", "https://app.example.com@evil.example/"));
        assert!(!fits("https://app.example.com", "https://app.example.com:81/"));
        assert!(fits("com.example.app:/login", "com.example.app:/login?x=1"));
        assert!(is_of_an_app("com.example.app:/login") && !is_of_an_app(front));
    }
}
