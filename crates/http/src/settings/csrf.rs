//! `[csrf]`: Django's `CSRF_*`.

use std::time::Duration;

use rest_auth_flows::settings::SameSite;
use rest_auth_settings::days;
use rest_auth_settings::settings;

use super::rules;

settings! {
    /// Protection against requests that other sites start in a user's browser.
    pub struct CsrfSettings = "csrf" {
        /// Lifetime of the cookie. None: until the browser is closed.
        cookie_age: Option<Duration> = Some(days(364)),
        /// Name of the cookie.
        cookie_name: String = "csrftoken".to_owned(),
        /// Domain attribute; also accepted as the host of the Referer.
        cookie_domain: Option<String> = None,
        /// Path attribute.
        cookie_path: String = "/".to_owned(),
        /// `HttpOnly` attribute. On: scripts cannot read the token.
        cookie_httponly: bool = false,
        /// `Secure` attribute. In the strict profile it is off by default while
        /// `server.public_url` is http on this machine.
        cookie_secure: bool => { strict: true, django: false },
        /// `SameSite` attribute. None: no attribute.
        cookie_samesite: Option<SameSite> = Some(SameSite::Lax),
        /// Header with the token, in CGI spelling.
        header_name: String = "HTTP_X_CSRFTOKEN".to_owned(),
        /// Other origins that may send unsafe requests: `https://app.example.com`, or with all
        /// subdomains `https://*.example.com`.
        #[rule(rules::trusted_origins)]
        trusted_origins: Vec<String> = Vec::new(),
        /// Keep the secret in the session in place of a cookie.
        use_sessions: bool = false,
        /// Refuse a login, registration or password reset that a browser sends from an origin that
        /// is neither this server nor trusted. Such a request could log a visitor in to an account
        /// of an attacker.
        check_login_origin: bool => { strict: true, django: false },
        /// Check origin or CSRF token when `token/refresh/` takes the token from its cookie.
        check_refresh_cookie: bool => { strict: true, django: false },
    }
    instead {
        "failure_view": "the answer is 403 in JSON",
    }
}
