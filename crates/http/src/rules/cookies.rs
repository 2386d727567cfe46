//! How each cookie is set.

use rest_auth_domain::cookie::CookieRules;

use crate::settings::Configuration;

/// How each cookie is set.
#[derive(Debug)]
pub(crate) struct Cookies {
    /// The session.
    pub(crate) session: CookieRules,
    /// The CSRF secret.
    pub(crate) csrf: CookieRules,
    /// The browser that is not asked for the second factor.
    pub(crate) browser: CookieRules,
    /// The access token, where it has a cookie.
    pub(crate) access: Option<CookieRules>,
    /// The refresh token, where it has a cookie.
    pub(crate) refresh: Option<CookieRules>,
}

impl Cookies {
    /// The cookies of `[session]`, `[csrf]`, `rest_auth.jwt_auth_*` and `mfa.trust_cookie_*`.
    pub(crate) fn new(configuration: Configuration<'_>) -> Self {
        let session = &configuration.accounts.session;
        let csrf = &configuration.http.csrf;
        let mfa = &configuration.accounts.mfa;
        let jwt = &configuration.accounts.rest_auth;
        let token = |name: &str, path: &str| CookieRules {
            name: name.to_owned(),
            domain: jwt.jwt_auth_cookie_domain.clone(),
            path: path.to_owned(),
            same_site: jwt.jwt_auth_samesite.map(Into::into),
            secure: jwt.jwt_auth_secure,
            http_only: jwt.jwt_auth_httponly,
        };
        let refresh_path = &jwt.jwt_auth_refresh_cookie_path;
        Self {
            session: CookieRules {
                name: session.cookie_name.clone(),
                domain: session.cookie_domain.clone(),
                path: session.cookie_path.clone(),
                same_site: session.cookie_samesite.map(Into::into),
                secure: session.cookie_secure,
                http_only: session.cookie_httponly,
            },
            csrf: CookieRules {
                name: csrf.cookie_name.clone(),
                domain: csrf.cookie_domain.clone(),
                path: csrf.cookie_path.clone(),
                same_site: csrf.cookie_samesite.map(Into::into),
                secure: csrf.cookie_secure,
                http_only: csrf.cookie_httponly,
            },
            browser: CookieRules {
                name: mfa.trust_cookie_name.clone(),
                domain: mfa.trust_cookie_domain.clone(),
                path: mfa.trust_cookie_path.clone(),
                same_site: mfa.trust_cookie_samesite.map(Into::into),
                secure: mfa.trust_cookie_secure,
                http_only: mfa.trust_cookie_httponly,
            },
            access: configuration.access_cookie().map(|name| token(name, "/")),
            refresh: configuration.refresh_cookie().map(|name| token(name, refresh_path)),
        }
    }

    /// The cookies that carry JWTs.
    pub(crate) fn of_jwts(&self) -> impl Iterator<Item = &CookieRules> {
        self.access.iter().chain(&self.refresh)
    }
}
