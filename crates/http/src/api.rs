//! The handle of the HTTP layer: the accounts and everything that requests are checked against,
//! prepared once.

use std::sync::Arc;

use axum::http::{HeaderName, HeaderValue};
use rest_auth_domain::csrf::CsrfRules;
use rest_auth_domain::host::{HostRules, Origin, Scheme};
use rest_auth_domain::language::{ENGLISH, Language, Languages};
use rest_auth_flows::auth::Auth;
use rest_auth_flows::error::SetupError;
use rest_auth_flows::links::LinkBase;
use rest_auth_flows::settings::account::LinkScheme;

use crate::rules::authenticators::Authenticators;
use crate::rules::body_limits::BodyLimits;
use crate::rules::cookies::Cookies;
use crate::rules::cors::Cors;
use crate::rules::proxies::TrustedProxies;
use crate::rules::throttles::Throttles;
use crate::rules::{hosts, languages, security_headers};
use crate::settings::rest_framework::Renderer;
use crate::settings::{Configuration, Settings};

/// The accounts and the HTTP layer over them. Clones share one state. The router and the extractors
/// work with this handle.
#[derive(Clone)]
pub struct Api(Arc<Parts>);

struct Parts {
    auth: Auth,
    settings: Settings,
    hosts: HostRules,
    cors: Option<Cors>,
    csrf: CsrfRules,
    proxies: TrustedProxies,
    authenticators: Authenticators,
    throttles: Throttles,
    languages: Option<Languages>,
    cookies: Cookies,
    headers: Vec<(HeaderName, HeaderValue)>,
    limits: BodyLimits,
}

impl Api {
    /// Prepares the HTTP layer over `auth`.
    ///
    /// # Errors
    /// [`SetupError`] names the key at fault.
    pub fn new(auth: Auth, settings: Settings) -> Result<Self, SetupError> {
        let server = &settings.server;
        if server.public_url.is_none() && !server.links_from_host {
            let problem = "is not set, and `server.links_from_host` is off: links in mails have no \
                           beginning";
            return Err(SetupError::new("server.public_url", problem));
        }
        let configuration = Configuration { accounts: auth.settings(), http: &settings };
        let hosts = hosts::host_rules(&settings);
        Ok(Self(Arc::new(Parts {
            cors: Cors::new(&settings.cors)?,
            csrf: hosts::csrf_rules(configuration, &hosts)?,
            proxies: TrustedProxies::new(server.trusted_proxies.clone(), &settings.allauth)?,
            authenticators: Authenticators::new(configuration)?,
            throttles: Throttles::new(&settings.rest_framework),
            languages: languages::offered(&auth.settings().i18n)?,
            cookies: Cookies::new(configuration),
            headers: security_headers::prepare(&settings.secure)?,
            limits: BodyLimits::new(server),
            hosts,
            settings,
            auth,
        })))
    }

    /// The accounts.
    #[must_use]
    pub fn auth(&self) -> &Auth {
        &self.0.auth
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
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
            Some(url) => LinkBase::Configured(url.clone()),
            None => LinkBase::Request(self.for_links(origin)),
        }
    }

    /// `account.default_http_protocol` can force https, never http.
    fn for_links(&self, origin: &Origin) -> Origin {
        let mut origin = origin.clone();
        if self.auth().settings().account.default_http_protocol == LinkScheme::Https {
            origin.scheme = Scheme::Https;
        }
        origin
    }

    /// The language for a request.
    pub(crate) fn language(&self, cookie: Option<&str>, accept: Option<&str>) -> &Language {
        match &self.0.languages {
            Some(languages) => languages.negotiate(cookie, accept),
            None => &ENGLISH,
        }
    }

    /// Whether answers depend on the language that a request asks for.
    pub(crate) fn negotiates_language(&self) -> bool {
        self.0.languages.is_some()
    }

    pub(crate) fn cookies(&self) -> &Cookies {
        &self.0.cookies
    }

    pub(crate) fn cors(&self) -> Option<&Cors> {
        self.0.cors.as_ref()
    }

    pub(crate) fn csrf(&self) -> &CsrfRules {
        &self.0.csrf
    }

    pub(crate) fn hosts(&self) -> &HostRules {
        &self.0.hosts
    }

    pub(crate) fn limits(&self) -> BodyLimits {
        self.0.limits
    }

    pub(crate) fn proxies(&self) -> &TrustedProxies {
        &self.0.proxies
    }

    pub(crate) fn renderers(&self) -> &[Renderer] {
        &self.0.settings.rest_framework.default_renderer_classes
    }

    pub(crate) fn authenticators(&self) -> &Authenticators {
        &self.0.authenticators
    }

    pub(crate) fn security_headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.0.headers
    }

    pub(crate) fn throttles(&self) -> &Throttles {
        &self.0.throttles
    }
}

impl std::fmt::Debug for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Api").finish_non_exhaustive()
    }
}
