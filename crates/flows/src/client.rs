//! The client that sends a request.

use std::net::{IpAddr, Ipv6Addr};

use crate::counted::Counted;

/// The device behind a request.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// Its address, as the peer or a trusted proxy says; unknown in tests without a socket.
    pub address: Option<IpAddr>,
    /// Its `User-Agent`, cut to 200 characters.
    pub user_agent: String,
    /// The id of the request, as the log has it; unknown in front of a handler of an embedder.
    pub request_id: Option<String>,
    /// What its request has been counted as.
    pub counted: Counted,
}

impl From<&Client> for rest_auth_store::TokenClient {
    fn from(client: &Client) -> Self {
        let ip = client.address.map(|address| address.to_string()).unwrap_or_default();
        Self { user_agent: client.user_agent.clone(), ip }
    }
}

impl From<rest_auth_store::TokenClient> for Client {
    fn from(row: rest_auth_store::TokenClient) -> Self {
        let address = row.ip.parse().ok();
        Self { address, user_agent: row.user_agent, ..Self::default() }
    }
}

/// The network an address counts as when limits are kept: an IPv4 address by itself, an IPv6
/// address with its neighbours that have the same first `ipv6_prefix` bits.
#[must_use]
pub fn network_of(address: IpAddr, ipv6_prefix: u32) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => {
            let below = u128::MAX.checked_shr(ipv6_prefix).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !below))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(address: &str, prefix: u32) -> String {
        network_of(address.parse().unwrap(), prefix).to_string()
    }

    #[test]
    fn an_ipv6_address_counts_with_its_neighbours() {
        assert_eq!(network("2001:db8:1:2:3:4:5:6", 64), "2001:db8:1:2::");
        assert_eq!(network("2001:db8:1:2:3:4:5:6", 56), "2001:db8:1::");
        assert_eq!(network("2001:db8:1:2:3:4:5:6", 128), "2001:db8:1:2:3:4:5:6");
        assert_eq!(network("203.0.113.9", 64), "203.0.113.9");
        assert_eq!(network("::ffff:203.0.113.9", 64), "203.0.113.9");
    }
}
