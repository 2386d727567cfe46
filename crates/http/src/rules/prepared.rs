//! All tables together.

use axum::http::{HeaderName, HeaderValue};
use rest_auth_domain::csrf::CsrfRules;
use rest_auth_domain::host::HostRules;
use rest_auth_domain::language::Languages;
use rest_auth_flows::error::SetupError;
use rest_auth_flows::settings::HandOver;

use super::authenticators::Authenticators;
use super::body_limits::BodyLimits;
use super::cookies::Cookies;
use super::cors::Cors;
use super::proxies::TrustedProxies;
use super::throttles::Throttles;
use super::{hosts, languages, security_headers};
use crate::settings::Configuration;

/// What requests are checked against, prepared once from the settings alone. Whatever a server
/// refuses here, `check` refuses, because both make it.
pub(crate) struct Rules {
    pub(crate) hosts: HostRules,
    pub(crate) cors: Option<Cors>,
    pub(crate) csrf: CsrfRules,
    pub(crate) proxies: TrustedProxies,
    pub(crate) authenticators: Authenticators,
    pub(crate) throttles: Throttles,
    pub(crate) languages: Option<Languages>,
    pub(crate) cookies: Cookies,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) limits: BodyLimits,
}

impl Rules {
    /// Prepares all of them.
    ///
    /// # Errors
    /// [`SetupError`] names the key at fault.
    pub(crate) fn new(configuration: Configuration<'_>) -> Result<Self, SetupError> {
        let Configuration { accounts, http } = configuration;
        let server = &http.server;
        if server.public_url.is_none() && !server.links_from_host {
            let problem = "is not set, and `server.links_from_host` is off: links in mails have no \
                           beginning";
            return Err(SetupError::new("server.public_url", problem));
        }
        check_browser_flow(configuration)?;
        let hosts = hosts::host_rules(http);
        Ok(Self {
            cors: Cors::new(&http.cors)?,
            csrf: hosts::csrf_rules(configuration, &hosts)?,
            proxies: TrustedProxies::new(server.trusted_proxies.clone(), &http.allauth)?,
            authenticators: Authenticators::new(configuration)?,
            throttles: Throttles::new(&http.rest_framework),
            languages: languages::offered(&accounts.i18n)?,
            cookies: Cookies::new(configuration),
            headers: security_headers::prepare(&http.secure)?,
            limits: BodyLimits::new(server),
            hosts,
        })
    }
}

/// Whether logins in the browser can work.
fn check_browser_flow(configuration: Configuration<'_>) -> Result<(), SetupError> {
    let Configuration { accounts, http } = configuration;
    let social = &accounts.social;
    if social.redirect_url.is_none() {
        if social.redirect_urls.is_empty() {
            return Ok(());
        }
        let problem = "is not set, and `socialaccount.redirect_urls` is: set it to the usual one";
        return Err(SetupError::new("socialaccount.redirect_url", problem));
    }
    if http.server.public_url.is_none() {
        let problem = "is not set, and `socialaccount.redirect_url` is: providers must know where \
                       this server is";
        return Err(SetupError::new("server.public_url", problem));
    }
    let has_cookies = accounts.rest_auth.session_login
        || (accounts.rest_auth.use_jwt && configuration.access_cookie().is_some());
    if social.hand_over == HandOver::Cookies && !has_cookies {
        let problem = "is `cookies`, and a login sets none: use `code`, or switch sessions or the \
                       cookies of JWTs on";
        return Err(SetupError::new("socialaccount.hand_over", problem));
    }
    Ok(())
}
