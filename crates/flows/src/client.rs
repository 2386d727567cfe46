//! Who sends a request, as far as flows care.

use std::net::{IpAddr, Ipv6Addr};

/// The device behind a request.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// Its address, as the peer or a trusted proxy says; unknown in tests without a socket.
    pub address: Option<IpAddr>,
    /// What it calls itself, cut to 200 characters.
    pub user_agent: String,
}

impl From<&Client> for rest_auth_store::Client {
    fn from(client: &Client) -> Self {
        let ip = client.address.map(|address| address.to_string()).unwrap_or_default();
        Self { user_agent: client.user_agent.clone(), ip }
    }
}

impl From<rest_auth_store::Client> for Client {
    fn from(row: rest_auth_store::Client) -> Self {
        Self { address: row.ip.parse().ok(), user_agent: row.user_agent }
    }
}

/// The network an address counts as when limits are kept: an IPv4 address by itself, an IPv6
/// address with its /64, which is what one customer gets.
#[must_use]
pub fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => {
            let high = v6.to_bits() & (u128::MAX << 64);
            IpAddr::V6(Ipv6Addr::from_bits(high))
        }
    }
}
