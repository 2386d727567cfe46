//! Cookies that cannot be what their name says, which Django repairs on every answer.
//!
//! A malformed CSRF cookie is replaced (`CsrfViewMiddleware`), and a session cookie that no session
//! can have is deleted (`SessionMiddleware`), whether the endpoint looks at them or not.

use axum::http::header::{SET_COOKIE, VARY};
use axum::http::{HeaderMap, HeaderValue};
use rest_auth_domain::cookie::Cookie;
use rest_auth_domain::csrf::CsrfSecret;
use rest_auth_domain::session::SessionKey;

use crate::api::Api;
use crate::csrf;
use crate::request_info::cookie_of;

/// What an answer does about the cookies of its request.
pub(super) struct RepairedCookies {
    cookies: Vec<Cookie>,
    /// Whether every answer depends on the session, because the session keeps the CSRF secret.
    reads_session: bool,
}

impl RepairedCookies {
    /// Looks at the cookies of a request.
    pub(super) fn of(api: &Api, headers: &HeaderMap) -> Self {
        let (rules, reads_session) = (api.cookies(), api.settings().csrf.use_sessions);
        let mut cookies = Vec::new();
        let secret = if reads_session { None } else { cookie_of(headers, &rules.csrf.name) };
        if secret.is_some_and(|secret| CsrfSecret::parse(&secret).is_err()) {
            let secret = CsrfSecret::generate(api.auth().random());
            cookies.push(csrf::cookie_of_secret(api, &secret));
        }
        let key = cookie_of(headers, &rules.session.name);
        if key.is_some_and(|key| SessionKey::from_cookie(&key).is_none()) {
            cookies.push(rules.session.delete());
        }
        Self { cookies, reads_session }
    }

    /// Adds them to an answer, unless it sets the same cookies itself.
    pub(super) fn add_to(self, answer: &mut HeaderMap) {
        let mut depends = self.reads_session;
        for cookie in self.cookies {
            depends = true;
            if sets(answer, cookie.name()) {
                continue;
            }
            // A cookie made of settings and digits has no byte that a header may not have.
            if let Ok(value) = HeaderValue::from_str(&cookie.to_string()) {
                answer.append(SET_COOKIE, value);
            }
        }
        if depends && !varies_by_cookie(answer) {
            answer.append(VARY, HeaderValue::from_static("Cookie"));
        }
    }
}

fn sets(answer: &HeaderMap, name: &str) -> bool {
    let named = |value: &HeaderValue| {
        value.as_bytes().strip_prefix(name.as_bytes()).is_some_and(|rest| rest.starts_with(b"="))
    };
    answer.get_all(SET_COOKIE).iter().any(named)
}

fn varies_by_cookie(answer: &HeaderMap) -> bool {
    answer.get_all(VARY).iter().any(|value| value == "Cookie")
}
