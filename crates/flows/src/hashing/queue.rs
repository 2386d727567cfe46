//! The queue of hashing jobs: which may wait, and which is next.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::net::IpAddr;

use crate::client::{IPV6_PREFIX, network_of};

/// How many of four jobs are logins while both kinds wait, so that a flood of registrations does
/// not block logins.
const LOGIN_TURNS: u8 = 3;

/// How many jobs may wait for one account.
const PER_ACCOUNT: usize = 2;

/// Which kind of request waits for a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    /// Somebody logs in.
    Login,
    /// Registration, password change and reset.
    Change,
}

/// The source of a job, so that one source cannot fill the queue.
#[derive(Clone, Debug, Default)]
pub struct Requester {
    /// The client's address, if it is known.
    pub address: Option<IpAddr>,
    /// The account whose password is tried or set.
    pub account: Option<Account>,
}

/// An account, for counting its jobs in the queue.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Account {
    /// A digest of the name that was typed at a login. It may be unknown; the answer must not
    /// reveal whether it is.
    Typed(String),
    /// The id of a user whom the flow has identified already.
    Id(i64),
}

impl Requester {
    fn network(&self) -> Option<IpAddr> {
        self.address.map(|address| network_of(address, IPV6_PREFIX))
    }
}

/// The jobs that wait. One network holds at most a quarter of the places, one account two.
pub(super) struct Waiting<J> {
    places: usize,
    logins: VecDeque<(Requester, J)>,
    changes: VecDeque<(Requester, J)>,
    by_network: HashMap<IpAddr, usize>,
    by_account: HashMap<Account, usize>,
    turn: u8,
}

impl<J> Waiting<J> {
    /// A queue with so many places.
    pub(super) fn new(places: usize) -> Self {
        Self {
            places,
            logins: VecDeque::new(),
            changes: VecDeque::new(),
            by_network: HashMap::new(),
            by_account: HashMap::new(),
            turn: 0,
        }
    }

    /// Lets a job wait, or gives it back if there is no place for its requester.
    pub(super) fn push(&mut self, priority: Priority, requester: Requester, job: J) -> Option<J> {
        if !self.has_place(&requester) {
            return Some(job);
        }
        if let Some(network) = requester.network() {
            *self.by_network.entry(network).or_default() += 1;
        }
        if let Some(account) = &requester.account {
            *self.by_account.entry(account.clone()).or_default() += 1;
        }
        match priority {
            Priority::Login => self.logins.push_back((requester, job)),
            Priority::Change => self.changes.push_back((requester, job)),
        }
        None
    }

    fn has_place(&self, requester: &Requester) -> bool {
        let network = requester.network().and_then(|network| self.by_network.get(&network));
        let account = requester.account.as_ref().and_then(|account| self.by_account.get(account));
        self.logins.len() + self.changes.len() < self.places
            && network.is_none_or(|jobs| *jobs < self.places.div_ceil(4))
            && account.is_none_or(|jobs| *jobs < PER_ACCOUNT)
    }

    /// Takes the next job. Within a kind it is the oldest.
    pub(super) fn take(&mut self) -> Option<J> {
        let login_first = self.turn < LOGIN_TURNS;
        self.turn = (self.turn + 1) % (LOGIN_TURNS + 1);
        let (first, second) = if login_first {
            (&mut self.logins, &mut self.changes)
        } else {
            (&mut self.changes, &mut self.logins)
        };
        let (requester, job) = first.pop_front().or_else(|| second.pop_front())?;
        if let Some(network) = requester.network() {
            decrement(&mut self.by_network, &network);
        }
        if let Some(account) = &requester.account {
            decrement(&mut self.by_account, account);
        }
        Some(job)
    }
}

/// Counts one less, and removes a key at zero, so that the map holds only sources with waiting
/// jobs.
fn decrement<K: Hash + Eq>(counts: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Priority::{Change, Login};
    use super::*;

    fn from(address: &str) -> Requester {
        Requester { address: Some(address.parse().unwrap()), account: None }
    }

    fn about(account: Account) -> Requester {
        Requester { address: None, account: Some(account) }
    }

    /// Lets as many jobs wait as find a place, and counts them.
    fn admitted(waiting: &mut Waiting<()>, requester: impl Fn(u8) -> Requester) -> usize {
        (0..=u8::MAX).filter(|n| waiting.push(Login, requester(*n), ()).is_none()).count()
    }

    fn taken<J>(waiting: &mut Waiting<J>) -> Vec<J> {
        std::iter::from_fn(|| waiting.take()).collect()
    }

    #[test]
    fn a_full_queue_gives_the_job_back() {
        let mut waiting = Waiting::new(2);
        assert_eq!(waiting.push(Login, Requester::default(), "first"), None);
        assert_eq!(waiting.push(Change, Requester::default(), "second"), None);
        assert_eq!(waiting.push(Login, Requester::default(), "third"), Some("third"));
        assert_eq!(waiting.take(), Some("first"));
        assert_eq!(waiting.push(Login, Requester::default(), "third"), None);
    }

    #[test]
    fn one_network_holds_at_most_a_quarter_of_the_places() {
        for (places, quarter) in [(40, 10), (41, 11), (4, 1), (1, 1)] {
            let mut waiting = Waiting::new(places);
            assert_eq!(admitted(&mut waiting, |_| from("203.0.113.9")), quarter, "of {places}");
        }
        let mut waiting = Waiting::new(40);
        let neighbours = |n| from(&format!("2001:db8:1:2::{n:x}"));
        assert_eq!(admitted(&mut waiting, neighbours), 10, "a /64 is one network");
        assert_eq!(admitted(&mut waiting, |_| from("2001:db8:1:3::1")), 10, "the next /64");
        assert_eq!(admitted(&mut waiting, |_| from("::ffff:203.0.113.9")), 10, "an IPv4 address");
        assert_eq!(admitted(&mut waiting, |_| from("203.0.113.9")), 0, "in its other spelling");
        assert_eq!(admitted(&mut waiting, |n| from(&format!("198.51.100.{n}"))), 10, "the rest");
    }

    #[test]
    fn one_account_has_two_jobs_at_most_wherever_they_come_from() {
        let typed = || Account::Typed("digest".to_owned());
        let mut waiting = Waiting::new(400);
        let from_anywhere = |n: u8| Requester {
            address: Some(IpAddr::from([198, 51, 100, n])),
            account: Some(typed()),
        };
        assert_eq!(admitted(&mut waiting, from_anywhere), 2);
        assert_eq!(admitted(&mut waiting, |_| about(Account::Id(1))), 2);
        assert_eq!(admitted(&mut waiting, |_| about(Account::Id(2))), 2);
        assert_eq!(waiting.push(Change, about(typed()), ()), Some(()), "a change counts as well");
    }

    #[test]
    fn the_place_of_a_job_that_was_taken_is_free_again() {
        let requester = || Requester { account: Some(Account::Id(1)), ..from("203.0.113.9") };
        let mut waiting = Waiting::new(8);
        for _ in 0..3 {
            assert_eq!(admitted(&mut waiting, |_| requester()), 2);
            assert_eq!(taken(&mut waiting).len(), 2);
        }
        assert!(waiting.by_network.is_empty() && waiting.by_account.is_empty());
    }

    #[test]
    fn a_job_that_was_refused_takes_no_place() {
        let mut waiting = Waiting::new(8);
        let own = || Requester { account: Some(Account::Id(1)), ..from("203.0.113.9") };
        assert_eq!(waiting.push(Login, about(Account::Id(1)), ()), None);
        assert_eq!(waiting.push(Login, about(Account::Id(1)), ()), None);
        // The account is full, so its network still has both of its places.
        assert_eq!(admitted(&mut waiting, |_| own()), 0);
        assert_eq!(admitted(&mut waiting, |_| from("203.0.113.9")), 2);
    }

    #[test]
    fn while_both_wait_three_logins_come_to_one_change() {
        let mut waiting = Waiting::new(100);
        for number in 0..6 {
            assert!(waiting.push(Change, Requester::default(), (Change, number)).is_none());
            assert!(waiting.push(Login, Requester::default(), (Login, number)).is_none());
        }
        let (login, change) = (|number| (Login, number), |number| (Change, number));
        let wanted = [
            [login(0), login(1), login(2), change(0)],
            [login(3), login(4), login(5), change(1)],
            [change(2), change(3), change(4), change(5)],
        ];
        assert_eq!(taken(&mut waiting), wanted.concat());
    }

    #[test]
    fn changes_alone_are_taken_in_their_order() {
        let mut waiting = Waiting::new(100);
        for number in 0..6 {
            assert!(waiting.push(Change, Requester::default(), number).is_none());
        }
        assert_eq!(taken(&mut waiting), [0, 1, 2, 3, 4, 5]);
    }
}
