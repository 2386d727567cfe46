//! The providers of a configuration, and what they are asked.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use rest_auth_domain::clock::Clock;
use rest_auth_domain::openid::id_token::{self, IdTokenError};
use rest_auth_domain::openid::{IdTokenRules, ProviderKeys, verify};
use serde_json::{Map, Value};

use crate::cache::{Cache, Document};
use crate::configured::{ALGORITHMS, Configured, Endpoints};
use crate::discovery;
use crate::error::{SocialError, SocialSetupError};
use crate::exchange::{self, ProviderTokens};
use crate::http::{Http, Request};
use crate::settings::{ProviderSettings, SocialAccountSettings};

/// The providers of a configuration. Clones share what is kept of them.
#[derive(Clone)]
pub struct Social(Arc<Inner>);

struct Inner {
    providers: HashMap<String, Configured>,
    http: Http,
    keys: Cache<ProviderKeys>,
    discovered: Cache<Map<String, Value>>,
    rules: SharedRules,
}

/// What holds for every provider.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SharedRules {
    pub(crate) checks_audience: bool,
    pub(crate) checks_party: bool,
    pub(crate) leeway: TimeDelta,
}

/// An ID token, and what its request was bound to.
#[derive(Clone, Copy)]
pub(crate) struct Bound<'t> {
    pub(crate) token: &'t str,
    pub(crate) nonce: Option<&'t str>,
}

impl Social {
    /// Prepares the providers that are configured. What is kept of them ages by the clock.
    ///
    /// # Errors
    /// [`SocialSetupError`] names the key at fault.
    pub fn new(
        settings: &SocialAccountSettings,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, SocialSetupError> {
        let http = Http::new(settings.requests_timeout, settings.allow_private_addresses);
        let http = http.map_err(|error| SocialSetupError {
            key: "socialaccount.providers".to_owned(),
            message: format!("no client for HTTPS can be made: {error}"),
        })?;
        let mut providers = HashMap::new();
        for entry in settings.providers.configured() {
            let provider = Configured::new(entry, settings.allow_private_addresses)?;
            providers.insert(entry.id.clone(), provider);
        }
        let leeway = TimeDelta::from_std(settings.id_token_leeway).unwrap_or_default();
        Ok(Self(Arc::new(Inner {
            providers,
            http,
            keys: Cache::new(settings.cache_age, Arc::clone(clock)),
            discovered: Cache::new(settings.cache_age, Arc::clone(clock)),
            rules: SharedRules {
                checks_audience: settings.check_access_token_audience,
                checks_party: settings.check_authorized_party,
                leeway,
            },
        })))
    }

    /// The settings of a provider whose login works.
    #[must_use]
    pub fn settings(&self, id: &str) -> Option<&ProviderSettings> {
        self.0.providers.get(id).map(|provider| &provider.settings)
    }

    /// Whether a login by code may be sent to any of these providers' own form.
    #[must_use]
    pub fn posts_form(&self, id: &str) -> bool {
        self.0.providers.get(id).is_some_and(|provider| provider.settings.posts_form())
    }

    /// Renews the tokens of an account.
    ///
    /// # Errors
    /// [`SocialError::Exchange`] if the provider refuses, [`SocialError::Unavailable`] if it does not
    /// answer.
    pub async fn refresh(
        &self,
        id: &str,
        refresh_token: &str,
        now: DateTime<Utc>,
    ) -> Result<ProviderTokens, SocialError> {
        let provider = self.provider(id)?;
        let endpoints = self.endpoints(provider).await?;
        exchange::refresh(self.http(), provider, &endpoints, refresh_token, now).await
    }

    pub(crate) fn http(&self) -> &Http {
        &self.0.http
    }

    pub(crate) fn rules(&self) -> SharedRules {
        self.0.rules
    }

    pub(crate) fn provider(&self, id: &str) -> Result<&Configured, SocialError> {
        let provider = self.0.providers.get(id);
        provider.ok_or_else(|| SocialError::Unavailable(format!("{id} is not configured")))
    }

    /// Where a provider is asked, with what its discovery document says.
    pub(crate) async fn endpoints(&self, provider: &Configured) -> Result<Endpoints, SocialError> {
        let own = &provider.endpoints;
        if own.discovery.is_empty() {
            return Ok(own.clone());
        }
        let url = discovery::url(&own.discovery);
        let fetch = discovery::fetch(&self.0.http, &url);
        let document = self.0.discovered.get(&url, None, fetch).await?;
        discovery::complete(provider, &document, self.0.http.allows_private())
    }

    /// The claims of an ID token of a provider.
    pub(crate) async fn claims(
        &self,
        provider: &Configured,
        endpoints: &Endpoints,
        bound: Bound<'_>,
        now: DateTime<Utc>,
    ) -> Result<Map<String, Value>, SocialError> {
        if endpoints.keys.is_empty() || endpoints.issuers.is_empty() {
            return Err(SocialError::NoIdTokens);
        }
        let id = id_token::key_id(bound.token)?;
        let keys = self.keys(&endpoints.keys, id.as_deref()).await?;
        let rules = IdTokenRules {
            issuers: &endpoints.issuers,
            audiences: &provider.client_ids,
            checks_party: self.0.rules.checks_party,
            algorithms: ALGORITHMS,
            nonce: bound.nonce,
            leeway: self.0.rules.leeway,
        };
        verify(bound.token, &keys, &rules, now).map_err(SocialError::from)
    }

    /// The keys at a URL. They are fetched again for a key id that is not among them, because a
    /// provider changes its keys, but not for every token with an invented one.
    pub(crate) async fn keys(
        &self,
        url: &str,
        id: Option<&str>,
    ) -> Result<Arc<ProviderKeys>, SocialError> {
        let fetch = async {
            let answer = self.0.http.send(&Request::get(url)?).await?;
            let keys = answer.document().filter(|_| answer.is_success());
            let keys = keys.and_then(|document| ProviderKeys::read(&document).ok());
            let status = answer.status;
            keys.ok_or_else(|| {
                SocialError::Unavailable(format!("{url} answers {status} and no keys"))
            })
        };
        let keys = self.0.keys.get(url, id, fetch).await?;
        if keys.has(id) { Ok(keys) } else { Err(IdTokenError::UnknownKey.into()) }
    }
}

impl Document for ProviderKeys {
    fn has(&self, part: Option<&str>) -> bool {
        ProviderKeys::has(self, part)
    }
}

impl Document for Map<String, Value> {
    /// It is taken as it is.
    fn has(&self, _: Option<&str>) -> bool {
        true
    }
}

impl std::fmt::Debug for Social {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.providers.keys()).finish()
    }
}
