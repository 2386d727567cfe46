//! How the address of a client is found behind proxies.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::http::{HeaderMap, HeaderName};
use rest_auth_flows::error::SetupError;

use super::forwarded;
use crate::settings::{AllauthSettings, Network};

/// How many characters of an entry that is no address are logged.
const LONGEST_TOLD: usize = 80;

/// The trusted proxies: the networks of `server.trusted_proxies`, or allauth's two settings.
#[derive(Clone, Debug, Default)]
pub(crate) struct TrustedProxies {
    networks: Vec<Network>,
    count: usize,
    header: Option<HeaderName>,
    /// Whether an entry that is no address was logged. One is enough: there is one with every
    /// request then.
    is_told: Arc<AtomicBool>,
}

impl TrustedProxies {
    pub(crate) fn new(
        networks: Vec<Network>,
        settings: &AllauthSettings,
    ) -> Result<Self, SetupError> {
        let header = settings.trusted_client_ip_header.as_deref().map(str::parse).transpose();
        let header = header.map_err(|_| {
            SetupError::new("allauth.trusted_client_ip_header", "is not the name of a header")
        })?;
        let count = usize::try_from(settings.trusted_proxy_count).unwrap_or(usize::MAX);
        Ok(Self { networks, count, header, is_told: Arc::default() })
    }

    /// The client's address; `None` where there is no socket.
    pub(crate) fn client(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        let peer = peer?;
        if self.networks.is_empty() {
            return Some(self.as_allauth_says(headers).unwrap_or(peer).to_canonical());
        }
        Some(self.behind_proxies(peer, headers).to_canonical())
    }

    /// The header that the proxy sets, or the entry of `X-Forwarded-For` that the outermost of
    /// so many proxies added.
    fn as_allauth_says(&self, headers: &HeaderMap) -> Option<IpAddr> {
        if let Some(name) = &self.header {
            return self.address(headers.get(name)?.to_str().ok()?);
        }
        if self.count == 0 {
            return None;
        }
        let hops = forwarded::hops(headers);
        hops.len().checked_sub(self.count).and_then(|at| self.address(hops.get(at)?))
    }

    /// The peer, or, if that is a trusted proxy, the last address of `X-Forwarded-For` that is not
    /// a trusted proxy. The search ends at an entry that is not an address, because the entries
    /// before it cannot be trusted.
    fn behind_proxies(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer;
        let mut hops = forwarded::hops(headers);
        while self.trusts(client) {
            let Some(hop) = hops.pop() else { break };
            let Some(address) = self.address(hop) else { break };
            client = address;
        }
        client
    }

    /// The address in an entry. The first that is none is logged.
    fn address(&self, entry: &str) -> Option<IpAddr> {
        let address = forwarded::address(entry);
        let is_odd = address.is_none() && !forwarded::is_hidden(entry);
        if is_odd && !self.is_told.swap(true, Ordering::Relaxed) {
            let entry: String = entry.chars().take(LONGEST_TOLD).collect();
            tracing::warn!(
                entry,
                "what a proxy says about the address of a client is no address; the address before \
                 it counts, and limits may take many clients for one"
            );
        }
        address
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(address))
    }
}

#[cfg(test)]
mod tests {
    use rest_auth_settings::{Profile, SettingValue as _};

    use super::*;

    fn client(trusted: &[&str], peer: &str, forwarded: Option<&str>) -> String {
        let networks = trusted.iter().map(|n| Network::parse(&(*n).into()).unwrap()).collect();
        let settings = AllauthSettings::defaults(Profile::Strict);
        let proxies = TrustedProxies::new(networks, &settings).unwrap();
        let mut headers = HeaderMap::new();
        if let Some(forwarded) = forwarded {
            headers.insert("x-forwarded-for", forwarded.parse().unwrap());
        }
        proxies.client(Some(peer.parse().unwrap()), &headers).unwrap().to_string()
    }

    #[test]
    fn a_header_from_anybody_else_is_ignored() {
        assert_eq!(client(&[], "203.0.113.9", Some("10.0.0.1")), "203.0.113.9");
        assert_eq!(client(&["10.0.0.0/8"], "203.0.113.9", Some("10.0.0.1")), "203.0.113.9");
    }

    #[test]
    fn the_last_address_that_is_no_proxy_is_the_client() {
        let trusted = ["10.0.0.0/8"];
        assert_eq!(client(&trusted, "10.0.0.2", Some("198.51.100.7, 10.0.0.3")), "198.51.100.7");
        assert_eq!(client(&trusted, "10.0.0.2", Some("1.2.3.4, 198.51.100.7")), "198.51.100.7");
        assert_eq!(client(&trusted, "10.0.0.2", None), "10.0.0.2");
        assert_eq!(client(&trusted, "::ffff:10.0.0.2", Some("2001:db8::1")), "2001:db8::1");
    }

    #[test]
    fn allauths_settings_count_proxies_or_name_a_header() {
        let client = |count, header: Option<&str>| {
            let settings = AllauthSettings {
                trusted_proxy_count: count,
                trusted_client_ip_header: header.map(str::to_owned),
            };
            let proxies = TrustedProxies::new(Vec::new(), &settings).unwrap();
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", "1.1.1.1, 2.2.2.2".parse().unwrap());
            headers.insert("x-real-ip", "3.3.3.3".parse().unwrap());
            let peer = "10.0.0.2".parse().unwrap();
            proxies.client(Some(peer), &headers).unwrap().to_string()
        };
        assert_eq!(client(0, None), "10.0.0.2");
        assert_eq!(client(1, None), "2.2.2.2");
        assert_eq!(client(2, None), "1.1.1.1");
        assert_eq!(client(3, None), "10.0.0.2");
        assert_eq!(client(1, Some("X-Real-IP")), "3.3.3.3");
        assert_eq!(client(1, Some("X-Other")), "10.0.0.2");
    }

    #[test]
    fn what_is_no_address_is_not_trusted() {
        assert_eq!(client(&["10.0.0.0/8"], "10.0.0.2", Some("1.2.3.4, junk")), "10.0.0.2");
    }

    #[test]
    fn ports_and_brackets_do_not_hide_a_client() {
        let trusted = ["10.0.0.0/8"];
        for (entry, address) in
            [("198.51.100.7:4711", "198.51.100.7"), ("[2001:db8::1]:4711", "2001:db8::1")]
        {
            let entries = format!("{entry}, 10.0.0.3:80");
            assert_eq!(client(&trusted, "10.0.0.2", Some(&entries)), address);
        }
    }
}
