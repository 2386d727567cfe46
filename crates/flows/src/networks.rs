//! How many places each network holds, so that what is scarce can be shared fairly.
//!
//! An IPv4 address counts by itself. IPv6 addresses are given out in blocks: a /64 is one network
//! of one customer, a /56 or a /48 all that a customer has. So they count at each of the three.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};

use crate::client::network_of;

/// The lengths of the IPv6 prefixes that are counted, the widest network first.
const PREFIXES: [u32; LEVELS] = [48, 56, 64];

/// How many networks an address belongs to.
pub const LEVELS: usize = 3;

/// The networks of an address, the widest first. Those of an IPv4 address are all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Networks([IpAddr; LEVELS]);

impl Networks {
    /// The networks of an address. All unknown addresses are in one network.
    #[must_use]
    pub fn of(address: Option<IpAddr>) -> Self {
        let address = address.unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED));
        Self(PREFIXES.map(|prefix| network_of(address, prefix)))
    }

    /// Each of them, the widest first.
    #[must_use]
    pub fn each(&self) -> [IpAddr; LEVELS] {
        self.0
    }
}

/// The numbers of places that networks hold. Only those that hold some are kept.
#[derive(Debug, Default)]
pub struct Holdings([HashMap<IpAddr, usize>; LEVELS]);

impl Holdings {
    /// Counts one place more.
    pub fn add(&mut self, holder: &Networks) {
        for (counts, network) in self.0.iter_mut().zip(holder.0) {
            *counts.entry(network).or_default() += 1;
        }
    }

    /// Counts one place less.
    pub fn remove(&mut self, holder: &Networks) {
        for (counts, network) in self.0.iter_mut().zip(holder.0) {
            if let Some(count) = counts.get_mut(&network) {
                *count -= 1;
                if *count == 0 {
                    counts.remove(&network);
                }
            }
        }
    }

    /// How many places the networks of an address hold, the widest first.
    #[must_use]
    pub fn held_by(&self, holder: &Networks) -> [usize; LEVELS] {
        let mut held = [0; LEVELS];
        for ((held, counts), network) in held.iter_mut().zip(&self.0).zip(holder.0) {
            *held = counts.get(&network).copied().unwrap_or_default();
        }
        held
    }

    /// Who holds most: of the widest networks the one with the most places, of the networks in it
    /// again the one with the most, and so on. If several hold the same, it is the newcomer, so
    /// that nobody gives way to somebody who holds as much.
    #[must_use]
    pub fn greediest(&self, newcomer: &Networks) -> Networks {
        let mut found = newcomer.0;
        for level in 0..LEVELS {
            let wider = level.checked_sub(1).map(|wider| (PREFIXES[wider], found[wider]));
            let inside = |network: &IpAddr| {
                wider.is_none_or(|(prefix, wider)| network_of(*network, prefix) == wider)
            };
            let candidates = self.0[level].iter().filter(|(network, _)| inside(network));
            let most =
                candidates.max_by_key(|(network, count)| (**count, **network == newcomer.0[level]));
            if let Some((network, _)) = most {
                found[level] = *network;
            }
        }
        Networks(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(address: &str) -> Networks {
        Networks::of(Some(address.parse().unwrap()))
    }

    fn holdings(holders: &[(&str, usize)]) -> Holdings {
        let mut holdings = Holdings::default();
        for (address, places) in holders {
            (0..*places).for_each(|_| holdings.add(&networks(address)));
        }
        holdings
    }

    #[test]
    fn an_ipv6_address_counts_with_its_64_its_56_and_its_48() {
        let holdings = holdings(&[
            ("2001:db8:1:203::1", 1),
            ("2001:db8:1:203::2", 2),
            ("2001:db8:1:2ff::1", 4),
            ("2001:db8:1:aa00::1", 8),
            ("203.0.113.9", 5),
            ("::ffff:203.0.113.9", 1),
        ]);
        assert_eq!(holdings.held_by(&networks("2001:db8:1:203::9")), [15, 7, 3]);
        assert_eq!(holdings.held_by(&networks("203.0.113.9")), [6, 6, 6]);
        assert_eq!(holdings.held_by(&networks("203.0.113.10")), [0, 0, 0]);
    }

    #[test]
    fn whoever_spreads_over_a_48_holds_most_and_gives_way_where_it_holds_most() {
        let holdings = holdings(&[
            ("2001:db8:1:203::1", 2),
            ("2001:db8:1:204::1", 2),
            ("2001:db8:1:aa00::1", 3),
            ("203.0.113.9", 5),
        ]);
        let found = holdings.greediest(&networks("198.51.100.1"));
        // The /56 of the first two holds four, the other three.
        assert_eq!(found.each()[1], "2001:db8:1:200::".parse::<IpAddr>().unwrap());
    }

    #[test]
    fn whoever_holds_as_much_as_a_newcomer_does_not_give_way() {
        let holdings = holdings(&[("203.0.113.9", 2), ("198.51.100.1", 2), ("192.0.2.7", 1)]);
        for newcomer in ["203.0.113.9", "198.51.100.1"] {
            assert_eq!(holdings.greediest(&networks(newcomer)), networks(newcomer));
        }
        let found = holdings.greediest(&networks("192.0.2.7"));
        assert_eq!(holdings.held_by(&found)[0], 2);
    }

    #[test]
    fn a_place_that_was_given_back_is_not_remembered() {
        let mut holdings = holdings(&[("2001:db8::1", 2)]);
        holdings.remove(&networks("2001:db8::1"));
        assert_eq!(holdings.held_by(&networks("2001:db8::1")), [1, 1, 1]);
        holdings.remove(&networks("2001:db8::1"));
        assert!(holdings.0.iter().all(HashMap::is_empty));
    }
}
