//! The handle of the HTTP layer: the accounts and everything that requests are checked against,
//! prepared once.

use std::sync::Arc;

use axum::http::{HeaderName, HeaderValue};
use rest_auth_domain::csrf::CsrfRules;
use rest_auth_domain::host::{HostRules, Origin, UrlScheme};
use rest_auth_domain::language::{ENGLISH, Language};
use rest_auth_flows::auth::Auth;
use rest_auth_flows::error::SetupError;
use rest_auth_flows::links::LinkBase;
use rest_auth_flows::settings::account::LinkScheme;

use crate::rules::Rules;
use crate::rules::authenticators::Authenticators;
use crate::rules::body_limits::BodyLimits;
use crate::rules::cookies::Cookies;
use crate::rules::cors::Cors;
use crate::rules::proxies::TrustedProxies;
use crate::rules::throttles::Throttles;
use crate::settings::rest_framework::Renderer;
use crate::settings::{ApiSettings, Configuration};

/// The accounts and the HTTP layer over them. Clones share one state. The router and the extractors
/// work with this handle.
#[derive(Clone)]
pub struct Api(Arc<Inner>);

struct Inner {
    auth: Auth,
    settings: ApiSettings,
    rules: Rules,
}

impl Api {
    /// Prepares the HTTP layer over `auth`.
    ///
    /// # Errors
    /// [`SetupError`] names the key at fault.
    pub(crate) fn new(auth: Auth, settings: ApiSettings) -> Result<Self, SetupError> {
        let configuration = Configuration { accounts: auth.settings(), http: &settings };
        let rules = Rules::new(configuration)?;
        Ok(Self(Arc::new(Inner { auth, settings, rules })))
    }

    /// The accounts.
    #[must_use]
    pub fn auth(&self) -> &Auth {
        &self.0.auth
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &ApiSettings {
        &self.0.settings
    }

    /// The settings of the whole API.
    #[must_use]
    pub fn configuration(&self) -> Configuration<'_> {
        Configuration { accounts: self.auth().settings(), http: self.settings() }
    }

    /// The beginning of links in mails: `server.public_url`, or the host of the request where
    /// `server.links_from_host` allows it. An [`Api`] without either cannot be made.
    pub(crate) fn link_base(&self, origin: &Origin) -> LinkBase {
        match &self.0.settings.server.public_url {
            Some(url) => LinkBase::configured(url),
            None => LinkBase::of_request(self.for_links(origin)),
        }
    }

    /// `account.default_http_protocol` can force https, never http.
    fn for_links(&self, origin: &Origin) -> Origin {
        let mut origin = origin.clone();
        if self.auth().settings().account.default_http_protocol == LinkScheme::Https {
            origin.scheme = UrlScheme::Https;
        }
        origin
    }

    /// The language for a request.
    pub(crate) fn language(&self, cookie: Option<&str>, accept: Option<&str>) -> &Language {
        match &self.0.rules.languages {
            Some(languages) => languages.negotiate(cookie, accept),
            None => &ENGLISH,
        }
    }

    /// Whether answers depend on the language that a request asks for.
    pub(crate) fn negotiates_language(&self) -> bool {
        self.0.rules.languages.is_some()
    }

    pub(crate) fn cookies(&self) -> &Cookies {
        &self.0.rules.cookies
    }

    pub(crate) fn cors(&self) -> Option<&Cors> {
        self.0.rules.cors.as_ref()
    }

    pub(crate) fn csrf(&self) -> &CsrfRules {
        &self.0.rules.csrf
    }

    pub(crate) fn hosts(&self) -> &HostRules {
        &self.0.rules.hosts
    }

    pub(crate) fn limits(&self) -> BodyLimits {
        self.0.rules.limits
    }

    pub(crate) fn proxies(&self) -> &TrustedProxies {
        &self.0.rules.proxies
    }

    pub(crate) fn renderers(&self) -> &[Renderer] {
        &self.0.settings.rest_framework.default_renderer_classes
    }

    pub(crate) fn authenticators(&self) -> &Authenticators {
        &self.0.rules.authenticators
    }

    pub(crate) fn security_headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.0.rules.headers
    }

    pub(crate) fn throttles(&self) -> &Throttles {
        &self.0.rules.throttles
    }
}

impl std::fmt::Debug for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Api").finish_non_exhaustive()
    }
}
