//! The settings of the whole API.

use rest_auth_domain::csrf::header_name;
use rest_auth_flows::settings::FlowSettings as AccountSettings;

use super::rest_framework::Authentication;
use super::{
    AllauthSettings, CorsSettings, CsrfSettings, HttpSettings, RestFrameworkSettings,
    SecureSettings,
};

/// The settings of requests and answers, one section for each table of the configuration.
#[derive(Clone, Debug)]
pub struct ApiSettings {
    /// `[allauth]`
    pub allauth: AllauthSettings,
    /// `[cors]`
    pub cors: CorsSettings,
    /// `[csrf]`
    pub csrf: CsrfSettings,
    /// `[rest_framework]`
    pub rest_framework: RestFrameworkSettings,
    /// `[secure]`
    pub secure: SecureSettings,
    /// `[server]`, the keys about requests
    pub server: HttpSettings,
}

/// The settings of the whole API: what users can do, and how requests and answers look. The OpenAPI
/// document is made from them alone.
#[derive(Clone, Copy, Debug)]
pub struct Configuration<'s> {
    /// What users can do.
    pub accounts: &'s AccountSettings,
    /// How requests and answers look.
    pub http: &'s ApiSettings,
}

impl<'s> Configuration<'s> {
    /// The kinds of credentials that are configured, of which the first decides how a request without
    /// any is refused.
    pub(crate) fn authentication_classes(self) -> &'s [Authentication] {
        &self.http.rest_framework.default_authentication_classes
    }

    /// Whether a session identifies a user.
    pub(crate) fn accepts_sessions(self) -> bool {
        self.authentication_classes().contains(&Authentication::Session)
    }

    /// Whether a request without good credentials is answered 401 and not 403: the first kind of
    /// credentials alone decides it.
    pub(crate) fn challenges(self) -> bool {
        self.authentication_classes().first().is_some_and(|class| *class != Authentication::Session)
    }

    /// The key of errors that concern the whole form.
    pub(crate) fn non_field_errors_key(self) -> &'s str {
        &self.http.rest_framework.non_field_errors_key
    }

    /// The kinds of credentials that a client can have, in the order in which they are looked for:
    /// JWTs only where they are issued.
    pub(crate) fn usable_credentials(self) -> impl Iterator<Item = Authentication> {
        let issues_jwts = self.accounts.rest_auth.use_jwt;
        let classes = self.authentication_classes().iter().copied();
        classes.filter(move |class| {
            issues_jwts || !matches!(class, Authentication::Jwt | Authentication::JwtCookie)
        })
    }

    /// Whether credentials of a kind count as none where anybody may ask, once they have ended.
    pub(crate) fn ignores_ended(self, class: Authentication) -> bool {
        let is_jwt = matches!(class, Authentication::Jwt | Authentication::JwtCookie);
        is_jwt || self.http.rest_framework.ignore_ended_credentials
    }

    /// The name of the cookie that carries the session.
    pub(crate) fn session_cookie(self) -> &'s str {
        &self.accounts.session.cookie_name
    }

    /// The name of the cookie that carries the CSRF token; `None` if the session keeps it.
    pub(crate) fn csrf_cookie(self) -> Option<&'s str> {
        let csrf = &self.http.csrf;
        (!csrf.use_sessions).then_some(csrf.cookie_name.as_str())
    }

    /// The header that carries the CSRF token, in lower case.
    pub(crate) fn csrf_header(self) -> String {
        header_name(&self.http.csrf.header_name)
    }

    /// The name of the cookie that carries the access token, if one does.
    pub(crate) fn access_cookie(self) -> Option<&'s str> {
        named(self.accounts.rest_auth.jwt_auth_cookie.as_deref())
    }

    /// The name of the cookie that carries the refresh token, if one does.
    pub(crate) fn refresh_cookie(self) -> Option<&'s str> {
        named(self.accounts.rest_auth.jwt_auth_refresh_cookie.as_deref())
    }
}

/// An empty name switches a cookie off, like a missing one.
fn named(name: Option<&str>) -> Option<&str> {
    name.filter(|name| !name.is_empty())
}
