//! DRF's throttles: how many requests one caller may send.

use std::collections::BTreeMap;

use axum::http::HeaderName;
use rest_auth_flows::client::Client;
use rest_auth_flows::error::AuthError;
use rest_auth_flows::limits;
use rest_auth_flows::throttle::{Counter, Rate};

use crate::api_request::ApiRequest;
use crate::endpoint::Endpoint;
use crate::settings::RestFrameworkSettings;
use crate::settings::rest_framework::Throttle;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The throttles of the configuration.
#[derive(Debug)]
pub(crate) struct Throttles {
    classes: Vec<Throttle>,
    rates: BTreeMap<String, Rate>,
    num_proxies: Option<u32>,
}

impl Throttles {
    pub(crate) fn new(settings: &RestFrameworkSettings) -> Self {
        let rates = settings.default_throttle_rates.iter().filter_map(|(scope, rate)| {
            let rate = (*rate)?;
            Some((scope.clone(), Rate::new(rate.requests, rate.per)))
        });
        Self {
            classes: settings.default_throttle_classes.clone(),
            rates: rates.collect(),
            num_proxies: settings.num_proxies,
        }
    }

    /// Counts a request with every throttle, and refuses it for the longest time that any of them
    /// asks for. As in DRF each throttle counts by itself: what one refuses another has counted.
    pub(crate) async fn check(
        &self,
        request: &ApiRequest,
        endpoint: &Endpoint,
    ) -> Result<(), AuthError> {
        let user = request.caller().user.as_ref().map(|user| user.id);
        let auth = request.auth();
        let mut longest = None;
        for class in &self.classes {
            let scope = Self::scope(*class, endpoint, user.is_some());
            let Some((scope, rate)) = scope.and_then(|scope| Some((scope, self.rates.get(scope)?)))
            else {
                continue;
            };
            let caller = user.map_or_else(|| self.address(request), |id| id.to_string());
            let counter = Counter { key: format!("throttle/{scope}/{caller}"), rate: *rate };
            longest = longest.max(auth.throttle().consume(&[counter], auth.now()).await?);
        }
        match longest {
            None => Ok(()),
            Some(wait) => Err(AuthError::Throttled { retry_in: wait.to_std().unwrap_or_default() }),
        }
    }

    /// Whether requests to an endpoint are counted.
    pub(crate) fn cover(&self, endpoint: &Endpoint) -> bool {
        let scopes = self
            .classes
            .iter()
            .flat_map(|class| [true, false].map(|known| Self::scope(*class, endpoint, known)));
        scopes.flatten().any(|scope| self.rates.contains_key(scope))
    }

    /// Which rate a class takes for a request, if it counts it at all.
    fn scope(class: Throttle, endpoint: &Endpoint, known: bool) -> Option<&'static str> {
        match class {
            Throttle::Anon => (!known).then_some("anon"),
            Throttle::User => Some("user"),
            Throttle::Scoped => endpoint.scope,
        }
    }

    /// What a stranger is counted by. `X-Forwarded-For` is believed only as far as
    /// `rest_framework.num_proxies` or `server.trusted_proxies` say.
    fn address(&self, request: &ApiRequest) -> String {
        let forwarded = request.header(&X_FORWARDED_FOR);
        let address = match (self.num_proxies, forwarded) {
            (Some(proxies @ 1..), Some(forwarded)) => {
                let hops: Vec<&str> = forwarded.split(',').map(str::trim).collect();
                let back = usize::try_from(proxies).unwrap_or(usize::MAX).min(hops.len());
                let hop = hops[hops.len() - back];
                // Whatever a proxy puts there that is no address counts as it stands.
                let Ok(address) = hop.parse() else { return hop.to_owned() };
                Some(address)
            }
            (Some(_), _) => request.peer(),
            (None, _) => request.client().address,
        };
        limits::source(request.auth(), &Client { address, ..Client::default() })
    }
}
