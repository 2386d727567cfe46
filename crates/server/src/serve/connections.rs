//! How many connections are open, and who gives way when there are too many.
//!
//! A newcomer takes the place of a connection on which the server waits for its client: between
//! requests, before the end of a body, or behind an answer that is not taken. What the server works
//! on is never broken off.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rest_auth_flows::networks::{Holdings, LEVELS, Networks};
use rest_auth_http::settings::Network;

use super::progress::Progress;

/// How often the log repeats that connections are refused.
const WARN_EVERY: Duration = Duration::from_mins(1);

/// How many connections may be open.
#[derive(Clone, Debug)]
pub(super) struct ConnectionLimits {
    /// In all.
    pub(super) all: usize,
    /// Of one IPv4 address, or of one IPv6 /64. A /56 may hold twice as many, a /48 four times.
    pub(super) by_address: usize,
    /// Whose connections are not counted by address.
    pub(super) proxies: Proxies,
}

/// The peers that are proxies.
#[derive(Clone, Debug)]
pub(super) enum Proxies {
    /// Every peer: no client connects directly.
    All,
    /// Those in these networks.
    In(Vec<Network>),
}

/// The open connections. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Connections(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    limits: ConnectionLimits,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    /// How many there are, with those of proxies.
    total: usize,
    holdings: Holdings,
    /// By the widest network that they belong to.
    by_network: HashMap<IpAddr, BTreeMap<u64, Connection>>,
    refused: u64,
    warned: Option<Instant>,
}

#[derive(Debug)]
struct Connection {
    networks: Networks,
    progress: Progress,
}

/// The place of an open connection; it is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    connections: Connections,
    /// Unless it is a proxy's.
    holder: Option<(Networks, u64)>,
}

impl Proxies {
    fn contain(&self, peer: IpAddr) -> bool {
        match self {
            Self::All => true,
            Self::In(networks) => networks.iter().any(|network| network.contains(peer)),
        }
    }
}

impl Connections {
    /// None are open yet.
    pub(super) fn new(limits: ConnectionLimits) -> Self {
        Self(Arc::new(Shared { limits, open: Mutex::default() }))
    }

    /// A place for a connection, or `None` if there is none.
    pub(super) fn admit(&self, peer: IpAddr, progress: &Progress) -> Option<Place> {
        let limits = &self.0.limits;
        let networks = Networks::of(Some(peer));
        let is_proxy = limits.proxies.contain(peer);
        let mut open = self.open();
        if !is_proxy && !open.makes_room_in_network(&networks, limits.by_address) {
            open.warn("server.max_connections_per_address");
            return None;
        }
        if open.total >= limits.all && !open.makes_room(&networks) {
            open.warn("server.max_connections");
            return None;
        }
        open.total += 1;
        let holder = (!is_proxy).then(|| (networks, open.add(networks, progress.clone())));
        Some(Place { connections: self.clone(), holder })
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn add(&mut self, networks: Networks, progress: Progress) -> u64 {
        let number = self.next;
        self.next += 1;
        self.holdings.add(&networks);
        let [widest, ..] = networks.each();
        let connection = Connection { networks, progress };
        self.by_network.entry(widest).or_default().insert(number, connection);
        number
    }

    /// Forgets a connection, if it has not been forgotten before.
    fn remove(&mut self, networks: &Networks, number: u64) -> Option<Connection> {
        let [widest, ..] = networks.each();
        let connections = self.by_network.get_mut(&widest)?;
        let removed = connections.remove(&number)?;
        if connections.is_empty() {
            self.by_network.remove(&widest);
        }
        self.holdings.remove(networks);
        self.total -= 1;
        Some(removed)
    }

    /// Whether the networks of a newcomer have a place left, or one of them gave one up.
    fn makes_room_in_network(&mut self, newcomer: &Networks, by_address: usize) -> bool {
        let most: [usize; LEVELS] = [by_address * 4, by_address * 2, by_address];
        let held = self.holdings.held_by(newcomer);
        let full = (0..LEVELS).rev().find(|level| held[*level] >= most[*level]);
        full.is_none_or(|level| self.close_one_of(newcomer, level))
    }

    /// Whether whoever holds most gave up a place, which may be the newcomer.
    fn makes_room(&mut self, newcomer: &Networks) -> bool {
        // It counts as if it were in already.
        self.holdings.add(newcomer);
        let greediest = self.holdings.greediest(newcomer);
        self.holdings.remove(newcomer);
        self.close_one_of(&greediest, LEVELS - 1)
    }

    /// Closes the connection of a network on which the server has been waiting longest.
    fn close_one_of(&mut self, networks: &Networks, level: usize) -> bool {
        let [widest, ..] = networks.each();
        let candidates = self.by_network.get(&widest).into_iter().flatten();
        let stalled = candidates
            .filter(|(_, other)| other.networks.each()[level] == networks.each()[level])
            .filter_map(|(number, other)| Some((other.progress.stalled_since()?, number)));
        let Some((_, number)) = stalled.min() else { return false };
        let (number, holder) = (*number, self.by_network[&widest][number].networks);
        if let Some(closed) = self.remove(&holder, number) {
            closed.progress.close();
        }
        true
    }

    fn warn(&mut self, key: &str) {
        self.refused += 1;
        let now = Instant::now();
        if self.warned.is_none_or(|warned| now.duration_since(warned) >= WARN_EVERY) {
            self.warned = Some(now);
            tracing::warn!(
                key,
                refused = std::mem::take(&mut self.refused),
                "connections are refused, because there are too many; clients behind a proxy \
                 share its address unless `server.trusted_proxies` names it"
            );
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.connections.open();
        match &self.holder {
            Some((networks, number)) => drop(open.remove(networks, *number)),
            None => open.total -= 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use rest_auth_settings::SettingValue as _;
    use serde_json::json;

    use super::*;

    fn connections(all: usize, by_address: usize) -> Connections {
        let proxy = Network::parse(&json!("10.0.0.0/8")).unwrap();
        Connections::new(ConnectionLimits { all, by_address, proxies: Proxies::In(vec![proxy]) })
    }

    fn new() -> Progress {
        Progress::new(Duration::from_secs(30))
    }

    fn admit(connections: &Connections, peer: &str) -> Option<(Place, Progress)> {
        let progress = new();
        Some((connections.admit(peer.parse().unwrap(), &progress)?, progress))
    }

    fn is_closed((_, progress): &(Place, Progress)) -> bool {
        progress.end(std::task::Waker::noop()).is_none()
    }

    #[tokio::test]
    async fn a_client_above_its_share_gives_up_the_connection_it_has_used_least_lately() {
        let connections = connections(100, 2);
        let first = admit(&connections, "203.0.113.9").unwrap();
        let second = admit(&connections, "203.0.113.9").unwrap();
        let other = admit(&connections, "198.51.100.1").unwrap();
        let third = admit(&connections, "203.0.113.9").unwrap();
        assert!(is_closed(&first));
        for open in [&second, &third, &other] {
            assert!(!is_closed(open));
        }
        drop(first);
        assert_eq!(connections.open().total, 3, "its place was given away only once");
    }

    #[tokio::test]
    async fn a_connection_that_is_served_gives_way_to_nobody() {
        let connections = connections(2, 2);
        let first = admit(&connections, "203.0.113.9").unwrap();
        let second = admit(&connections, "203.0.113.9").unwrap();
        let served = [first.1.begin(), second.1.begin()];
        assert!(admit(&connections, "203.0.113.9").is_none());
        assert!(admit(&connections, "198.51.100.1").is_none());
        drop(served);
        assert!(admit(&connections, "198.51.100.1").is_some());
        assert!(is_closed(&first) != is_closed(&second));
    }

    #[tokio::test]
    async fn when_all_places_are_taken_a_newcomer_gets_one_of_whoever_holds_most() {
        let connections = connections(6, 100);
        let greedy: Vec<_> = (0..4).map(|_| admit(&connections, "203.0.113.9").unwrap()).collect();
        let modest: Vec<_> = (0..2).map(|_| admit(&connections, "198.51.100.1").unwrap()).collect();
        let newcomer = admit(&connections, "192.0.2.7").unwrap();
        assert_eq!(greedy.iter().filter(|open| is_closed(open)).count(), 1);
        assert!(!modest.iter().any(is_closed) && !is_closed(&newcomer));
    }

    #[tokio::test]
    async fn a_48_and_a_56_are_one_client_with_a_larger_share() {
        let connections = connections(1_000, 2);
        let within = |address: String| admit(&connections, &address).unwrap();
        let in_56: Vec<_> = (0..8).map(|n| within(format!("2001:db8:1:2{n:02x}::1"))).collect();
        assert_eq!(in_56.iter().filter(|open| is_closed(open)).count(), 4);
        let in_48: Vec<_> = (0..9).map(|n| within(format!("2001:db8:1:{n:x}00::1"))).collect();
        assert_eq!(in_56.iter().chain(&in_48).filter(|open| !is_closed(open)).count(), 8);
    }

    #[tokio::test]
    async fn a_trusted_proxy_has_no_share_and_counts_among_all() {
        let connections = connections(4, 1);
        let proxied: Vec<_> = (0..4).map(|_| admit(&connections, "10.1.2.3").unwrap()).collect();
        assert!(admit(&connections, "203.0.113.9").is_none());
        drop(proxied);
        assert!(admit(&connections, "203.0.113.9").is_some());
        assert_eq!(connections.open().total, 0);
    }
}
