//! DRF's throttles: how many requests one caller may send.

use axum::http::HeaderName;
use rest_auth_flows::client::Client;
use rest_auth_flows::error::AuthError;
use rest_auth_flows::events::{self, Event};
use rest_auth_flows::limits;
use rest_auth_flows::throttle::Counter;

use crate::api_request::ApiRequest;
use crate::endpoint::Endpoint;
use crate::rules::forwarded;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Counts a request with every throttle, and refuses it for the longest waiting time of those that
/// refuse. As in DRF each throttle counts independently, also requests that another one refuses.
pub(crate) async fn check(request: &ApiRequest, endpoint: &Endpoint) -> Result<(), AuthError> {
    let user = request.caller().user.as_ref().map(|user| user.id);
    let auth = request.auth();
    let mut longest = None;
    for (scope, rate) in request.api().throttles().counting(endpoint.scope, user.is_some()) {
        let caller = user.map_or_else(|| address(request), |id| id.to_string());
        let counter = Counter { key: format!("throttle/{scope}/{caller}"), rate };
        let (counters, now) = (vec![counter], auth.now());
        match auth.throttle().consume(&counters, now).await? {
            None => request.client().counted.add(counters, now),
            wait => longest = longest.max(wait),
        }
    }
    let Some(wait) = longest else { return Ok(()) };
    events::record(auth, request.client(), Event::LimitReached { limit: "throttle" });
    Err(AuthError::Throttled { retry_in: wait.to_std().unwrap_or_default() })
}

/// The address by which requests without a user are counted. `X-Forwarded-For` is believed only as
/// far as `rest_framework.num_proxies` or `server.trusted_proxies` say.
fn address(request: &ApiRequest) -> String {
    let forwarded = request.header(&X_FORWARDED_FOR);
    let address = match (request.api().throttles().num_proxies(), forwarded) {
        (Some(proxies @ 1..), Some(forwarded)) => {
            let hops: Vec<&str> = forwarded.split(',').map(str::trim).collect();
            let back = usize::try_from(proxies).unwrap_or(usize::MAX).min(hops.len());
            let hop = hops[hops.len() - back];
            // A proxy may put a text there that is not an address. It is counted as it is.
            let Some(address) = forwarded::address(hop) else { return hop.to_owned() };
            Some(address)
        }
        (Some(_), _) => request.peer(),
        (None, _) => request.client().address,
    };
    limits::source(request.auth(), &Client { address, ..Client::default() })
}
