//! The handle of the HTTP layer: the accounts and everything that requests are checked against,
//! prepared once.

use std::sync::Arc;

use axum::http::{HeaderName, HeaderValue};
use rest_auth_domain::cookie::CookieRules;
use rest_auth_domain::csrf::{CsrfRules, TrustedOrigins};
use rest_auth_domain::host::{AllowedHosts, HostRules, Origin, ProxySslHeader, Scheme};
use rest_auth_domain::language::{ENGLISH, Language, Languages};
use rest_auth_flows::auth::Auth;
use rest_auth_flows::error::SetupError;
use rest_auth_flows::links::LinkBase;
use rest_auth_flows::settings::SessionSettings;
use rest_auth_flows::settings::account::LinkScheme;

use crate::middleware::cors::Cors;
use crate::middleware::proxies::TrustedProxies;
use crate::middleware::security_headers;
use crate::negotiation::Renderer;
use crate::schemes::Schemes;
use crate::settings::rest_framework::Renderer as RendererSetting;
use crate::settings::{
    AllauthSettings, CorsSettings, CsrfSettings, HttpSettings, RestFrameworkSettings,
    SecureSettings,
};
use crate::throttle::Throttles;

/// Accounts over HTTP. Clones share everything; the router and the extractors are made of it.
#[derive(Clone)]
pub struct Api(Arc<Parts>);

struct Parts {
    auth: Auth,
    settings: Settings,
    hosts: HostRules,
    cors: Option<Cors>,
    csrf: CsrfRules,
    proxies: TrustedProxies,
    schemes: Schemes,
    throttles: Throttles,
    renderers: Vec<Renderer>,
    languages: Option<Languages>,
    cookies: Cookies,
    headers: Vec<(HeaderName, HeaderValue)>,
    limits: BodyLimits,
}

/// The settings of requests and answers, one section for each table of the configuration.
#[derive(Clone, Debug)]
pub struct Settings {
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

/// How each cookie is set.
#[derive(Debug)]
pub(crate) struct Cookies {
    pub(crate) session: CookieRules,
    pub(crate) csrf: CookieRules,
    pub(crate) access: Option<CookieRules>,
    pub(crate) refresh: Option<CookieRules>,
}

/// How much a body may hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyLimits {
    pub(crate) bytes: usize,
    pub(crate) form_fields: usize,
    pub(crate) files: usize,
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
        let hosts = host_rules(&settings);
        let trusted = TrustedOrigins::parse(&settings.csrf.trusted_origins)
            .map_err(|e| SetupError::new("csrf.trusted_origins", e.to_string()))?;
        let cookie_domain = if settings.csrf.use_sessions {
            auth.settings().session.cookie_domain.clone()
        } else {
            settings.csrf.cookie_domain.clone()
        };
        let csrf = CsrfRules::new(
            trusted,
            hosts.allowed.clone(),
            cookie_domain,
            &settings.csrf.header_name,
        );
        Ok(Self(Arc::new(Parts {
            cors: Cors::new(&settings.cors)?,
            csrf,
            proxies: TrustedProxies::new(server.trusted_proxies.clone(), &settings.allauth)?,
            schemes: Schemes::new(auth.settings(), &settings.rest_framework)?,
            throttles: Throttles::new(&settings.rest_framework),
            renderers: settings
                .rest_framework
                .default_renderer_classes
                .iter()
                .copied()
                .map(renderer)
                .collect(),
            languages: languages(&auth)?,
            cookies: cookies(&auth, &settings.csrf),
            headers: security_headers::prepare(&settings.secure)?,
            limits: BodyLimits {
                bytes: limit(server.data_upload_max_memory_size),
                form_fields: limit(server.data_upload_max_number_fields.map(u64::from)),
                files: limit(server.data_upload_max_number_files.map(u64::from)),
            },
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

    /// What links in mails begin with: the request has a say only where
    /// `server.links_from_host` allows it, or there would be no [`Api`].
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
        &self.0.renderers
    }

    pub(crate) fn schemes(&self) -> &Schemes {
        &self.0.schemes
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

fn host_rules(settings: &Settings) -> HostRules {
    let server = &settings.server;
    // Django refuses every host without the setting. Here nothing but links in mails is made of
    // the host, and those begin with `public_url` where it is set.
    let allowed = if server.allowed_hosts.is_empty() {
        AllowedHosts::new(["*"])
    } else {
        AllowedHosts::new(&server.allowed_hosts)
    };
    HostRules {
        allowed,
        use_forwarded_host: server.use_x_forwarded_host,
        use_forwarded_port: server.use_x_forwarded_port,
        proxy_ssl_header: settings
            .secure
            .proxy_ssl_header
            .as_ref()
            .map(|header| ProxySslHeader::new(&header.name, &header.value)),
    }
}

fn languages(auth: &Auth) -> Result<Option<Languages>, SetupError> {
    let settings = &auth.settings().i18n;
    if !settings.negotiate_language || !settings.use_i18n {
        return Ok(None);
    }
    let offered = (!settings.languages.is_empty()).then_some(settings.languages.as_slice());
    Languages::new(&settings.language_code, offered)
        .map(Some)
        .map_err(|e| SetupError::new("i18n.language_code", e.to_string()))
}

fn cookies(auth: &Auth, csrf: &CsrfSettings) -> Cookies {
    let session: &SessionSettings = &auth.settings().session;
    let jwt = &auth.settings().rest_auth;
    let token = |name: &Option<String>, path: &str| {
        name.as_ref().filter(|name| !name.is_empty()).map(|name| CookieRules {
            name: name.clone(),
            domain: jwt.jwt_auth_cookie_domain.clone(),
            path: path.to_owned(),
            same_site: jwt.jwt_auth_samesite.map(Into::into),
            secure: jwt.jwt_auth_secure,
            http_only: jwt.jwt_auth_httponly,
        })
    };
    Cookies {
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
        access: token(&jwt.jwt_auth_cookie, "/"),
        refresh: token(&jwt.jwt_auth_refresh_cookie, &jwt.jwt_auth_refresh_cookie_path),
    }
}

fn renderer(setting: RendererSetting) -> Renderer {
    match setting {
        RendererSetting::Json => Renderer::Json,
        RendererSetting::BrowsableApi => Renderer::BrowsableApi,
    }
}

fn limit(setting: Option<u64>) -> usize {
    setting.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX)
}
