//! Events about requests that are refused for where they come from or go to. The log then has what
//! was compared: the answer alone does not tell an administrator which setting is wrong.

use rest_auth_domain::csrf::CsrfFailure;
use rest_auth_domain::host::UrlScheme;
use rest_auth_flows::events::{self, Event};

use crate::api::Api;
use crate::api_request::ApiRequest;
use crate::request_info::RequestInfo;

/// The longest text of a client in a reason, in characters.
const LONGEST: usize = 200;

/// Reports a host that is not allowed.
pub(crate) fn host(api: &Api, info: &RequestInfo, host: &str) {
    let reason = if api.hosts().allowed.allows(host) {
        "it names two hosts".to_owned()
    } else {
        let host: String = host.chars().take(LONGEST).collect();
        format!("the Host {host:?} is not in `server.allowed_hosts`")
    };
    events::record(api.auth(), &info.client, Event::HostRefused { reason });
}

/// Reports a request that failed the CSRF check.
pub(crate) fn csrf(request: &ApiRequest, failure: &CsrfFailure) {
    let event = match failure {
        CsrfFailure::Origin(_)
        | CsrfFailure::NoReferer
        | CsrfFailure::MalformedReferer
        | CsrfFailure::InsecureReferer
        | CsrfFailure::Referer(_) => Event::OriginRefused { reason: compared(request, failure) },
        _ => Event::CsrfRefused { reason: failure.to_string() },
    };
    events::record(request.auth(), request.client(), event);
}

fn compared(request: &ApiRequest, failure: &CsrfFailure) -> String {
    let own = request.origin();
    let told: String = failure.to_string().chars().take(LONGEST).collect();
    let scheme = own.scheme.as_str();
    let mut reason = format!(
        "{told} This server is {scheme}://{} to the request; other origins stand in \
         `csrf.trusted_origins`.",
        own.host
    );
    // The usual cause behind a proxy: the page is of this very host, and came by https.
    let is_own_host = matches!(failure, CsrfFailure::Origin(origin)
        if origin.strip_prefix("https://") == Some(own.host.as_str()));
    if is_own_host && own.scheme == UrlScheme::Http {
        reason.push_str(" The proxy has to say that it came by https: `secure.proxy_ssl_header`.");
    }
    reason
}
