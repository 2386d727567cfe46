//! Jobs of one kind, in an order that is fair among networks.

use std::collections::HashMap;
use std::net::IpAddr;

use super::queue::Account;
use crate::networks::{LEVELS, Networks};

/// A job that waits.
#[derive(Debug)]
pub(super) struct Waiter<J> {
    pub(super) job: J,
    pub(super) networks: Networks,
    pub(super) account: Option<Account>,
    /// Counts up over all kinds of jobs.
    pub(super) number: u64,
}

/// Networks take turns, the /48s among each other, in each its /56s, and in each of these its /64s.
/// So whoever has one job waits for one job of each other network, however many those have.
#[derive(Debug)]
pub(super) struct FairQueue<J> {
    /// In the order in which they came.
    waiters: Vec<Waiter<J>>,
    /// When each network with waiting jobs had its last turn, or came.
    turns: [HashMap<IpAddr, u64>; LEVELS],
    next: u64,
}

impl<J> FairQueue<J> {
    pub(super) fn new() -> Self {
        Self { waiters: Vec::new(), turns: Default::default(), next: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.waiters.len()
    }

    /// Those who wait, the newest last.
    pub(super) fn waiters(&self) -> impl DoubleEndedIterator<Item = &Waiter<J>> {
        self.waiters.iter()
    }

    pub(super) fn push(&mut self, waiter: Waiter<J>) {
        for (turns, network) in self.turns.iter_mut().zip(waiter.networks.each()) {
            turns.entry(network).or_insert(self.next);
        }
        self.next += 1;
        self.waiters.push(waiter);
    }

    /// Takes the oldest job of the network whose turn it is.
    pub(super) fn take(&mut self) -> Option<Waiter<J>> {
        let turn = |waiter: &Waiter<J>| {
            let mut turn = [0; LEVELS];
            for ((turn, turns), network) in
                turn.iter_mut().zip(&self.turns).zip(waiter.networks.each())
            {
                *turn = turns.get(&network).copied().unwrap_or_default();
            }
            turn
        };
        // Of several that are equal the first is found, which is the oldest.
        let (position, _) = self.waiters.iter().enumerate().min_by_key(|(_, it)| turn(it))?;
        let waiter = self.waiters.remove(position);
        for (turns, network) in self.turns.iter_mut().zip(waiter.networks.each()) {
            turns.insert(network, self.next);
        }
        self.next += 1;
        self.forget(&waiter.networks);
        Some(waiter)
    }

    /// Removes the job with a number.
    pub(super) fn remove(&mut self, number: u64) -> Option<Waiter<J>> {
        let position = self.waiters.iter().position(|waiter| waiter.number == number)?;
        let waiter = self.waiters.remove(position);
        self.forget(&waiter.networks);
        Some(waiter)
    }

    /// Forgets the turns of networks that wait no more.
    fn forget(&mut self, networks: &Networks) {
        for (level, network) in networks.each().into_iter().enumerate() {
            if !self.waiters.iter().any(|waiter| waiter.networks.each()[level] == network) {
                self.turns[level].remove(&network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(jobs: &[&'static str]) -> Vec<&'static str> {
        let mut queue = FairQueue::new();
        for (number, address) in (0..).zip(jobs) {
            let networks = Networks::of(Some(address.parse().unwrap()));
            queue.push(Waiter { job: *address, networks, account: None, number });
        }
        let taken = std::iter::from_fn(|| queue.take()).map(|waiter| waiter.job).collect();
        assert!(queue.turns.iter().all(HashMap::is_empty), "turns are left");
        taken
    }

    #[test]
    fn whoever_has_one_job_waits_for_one_of_each_other() {
        let (greedy, other, owner) = ("203.0.113.9", "198.51.100.1", "192.0.2.7");
        assert_eq!(
            taken(&[greedy, greedy, greedy, greedy, other, other, owner]),
            [greedy, other, owner, greedy, other, greedy, greedy]
        );
    }

    #[test]
    fn a_48_has_one_turn_however_many_networks_it_has() {
        let (first, second, third) = ("2001:db8:1:1::1", "2001:db8:1:102::1", "2001:db8:1:103::1");
        let owner = "2001:db8:2::1";
        assert_eq!(
            taken(&[first, second, third, second, owner, owner]),
            [first, owner, second, owner, third, second]
        );
    }

    #[test]
    fn jobs_of_one_network_keep_their_order() {
        let jobs = ["2001:db8:1:1::1", "2001:db8:1:1::2", "2001:db8:1:1::3"];
        assert_eq!(taken(&jobs), jobs);
    }

    #[test]
    fn a_newcomer_waits_a_round_and_is_not_overtaken_for_ever() {
        let mut queue = FairQueue::new();
        let mut number = 0;
        let mut push = |queue: &mut FairQueue<String>, address: String| {
            let networks = Networks::of(Some(address.parse().unwrap()));
            queue.push(Waiter { job: address, networks, account: None, number });
            number += 1;
        };
        push(&mut queue, "203.0.113.9".to_owned());
        push(&mut queue, "203.0.113.9".to_owned());
        for host in 1..=200 {
            // Somebody with a new address each time.
            push(&mut queue, format!("198.51.100.{host}"));
        }
        let order: Vec<_> = std::iter::from_fn(|| queue.take()).map(|waiter| waiter.job).collect();
        assert_eq!(order.iter().position(|job| job == "203.0.113.9"), Some(0));
        push(&mut queue, "203.0.113.9".to_owned());
        push(&mut queue, "203.0.113.9".to_owned());
        queue.take();
        for host in 1..=200 {
            push(&mut queue, format!("198.51.100.{host}"));
        }
        assert_eq!(queue.take().map(|waiter| waiter.job).as_deref(), Some("203.0.113.9"));
    }
}
