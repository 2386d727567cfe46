//! The queue of hashing jobs: which may wait, and which is next.
//!
//! While there are places everybody gets one. Then whoever holds fewest takes the place of whoever
//! holds most, and networks take turns. So nobody can keep others out by being many, and whoever is
//! alone may use everything.

use std::collections::HashMap;
use std::net::IpAddr;

use super::fair_queue::{FairQueue, Waiter};
use crate::networks::{Holdings, Networks};

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

/// The jobs that wait. One account has two at most.
pub(super) struct Waiting<J> {
    places: usize,
    /// Whether the result of a job is still wanted.
    is_wanted: fn(&J) -> bool,
    logins: FairQueue<J>,
    changes: FairQueue<J>,
    holdings: Holdings,
    by_account: HashMap<Account, usize>,
    next: u64,
    turn: u8,
}

impl<J> Waiting<J> {
    /// A queue with so many places.
    pub(super) fn new(places: usize, is_wanted: fn(&J) -> bool) -> Self {
        Self {
            places,
            is_wanted,
            logins: FairQueue::new(),
            changes: FairQueue::new(),
            holdings: Holdings::default(),
            by_account: HashMap::new(),
            next: 0,
            turn: 0,
        }
    }

    /// Lets a job wait. Where it takes the place of another one, that is given back, and if there is
    /// no place for it, itself.
    pub(super) fn push(&mut self, priority: Priority, requester: Requester, job: J) -> Option<J> {
        let Requester { address, account } = requester;
        let (networks, number) = (Networks::of(address), self.next);
        self.next += 1;
        self.holdings.add(&networks);
        if let Some(account) = &account {
            *self.by_account.entry(account.clone()).or_default() += 1;
        }
        let newcomer = Waiter { job, networks, account: account.clone(), number };
        match priority {
            Priority::Login => self.logins.push(newcomer),
            Priority::Change => self.changes.push(newcomer),
        }
        let is_crowded = |waiting: &Self| {
            waiting.crowded_account(account.as_ref()).is_some() || waiting.len() > waiting.places
        };
        if !is_crowded(self) {
            return None;
        }
        self.remove_unwanted();
        let number = match self.crowded_account(account.as_ref()) {
            Some(account) => self.greediest_of(account),
            None if self.len() > self.places => self.newest_of_greediest(&networks),
            None => None,
        };
        number.and_then(|number| self.remove(number))
    }

    /// Takes the next job.
    pub(super) fn take(&mut self) -> Option<J> {
        let login_first = self.turn < LOGIN_TURNS;
        self.turn = (self.turn + 1) % (LOGIN_TURNS + 1);
        let (first, second) = if login_first {
            (&mut self.logins, &mut self.changes)
        } else {
            (&mut self.changes, &mut self.logins)
        };
        let waiter = first.take().or_else(|| second.take())?;
        Some(self.release(waiter))
    }

    fn len(&self) -> usize {
        self.logins.len() + self.changes.len()
    }

    fn waiters(&self) -> impl Iterator<Item = &Waiter<J>> {
        self.logins.waiters().chain(self.changes.waiters())
    }

    /// The account, if it has more jobs than it may.
    fn crowded_account<'a>(&self, account: Option<&'a Account>) -> Option<&'a Account> {
        account.filter(|account| self.by_account.get(account).is_some_and(|n| *n > PER_ACCOUNT))
    }

    /// Of the jobs of an account that of whoever holds most places, and of several the newest. So
    /// somebody who guesses at a name keeps its owner out only while holding as little as they do.
    fn greediest_of(&self, account: &Account) -> Option<u64> {
        let jobs = self.waiters().filter(|waiter| waiter.account.as_ref() == Some(account));
        let greediest =
            jobs.max_by_key(|waiter| (self.holdings.held_by(&waiter.networks), waiter.number));
        greediest.map(|waiter| waiter.number)
    }

    /// The newest job of whoever holds most places.
    fn newest_of_greediest(&self, newcomer: &Networks) -> Option<u64> {
        let greediest = self.holdings.greediest(newcomer);
        let jobs = self.waiters().filter(|waiter| waiter.networks == greediest);
        jobs.map(|waiter| waiter.number).max()
    }

    /// Removes jobs whose callers have gone, which need no place.
    fn remove_unwanted(&mut self) {
        let unwanted = self.waiters().filter(|waiter| !(self.is_wanted)(&waiter.job));
        let unwanted: Vec<u64> = unwanted.map(|waiter| waiter.number).collect();
        for number in unwanted {
            self.remove(number);
        }
    }

    fn remove(&mut self, number: u64) -> Option<J> {
        let waiter = self.logins.remove(number).or_else(|| self.changes.remove(number))?;
        Some(self.release(waiter))
    }

    /// Gives the place of a job back.
    fn release(&mut self, waiter: Waiter<J>) -> J {
        self.holdings.remove(&waiter.networks);
        if let Some(account) = waiter.account
            && let Some(count) = self.by_account.get_mut(&account)
        {
            *count -= 1;
            if *count == 0 {
                self.by_account.remove(&account);
            }
        }
        waiter.job
    }
}

#[cfg(test)]
mod tests {
    use super::Priority::{Change, Login};
    use super::*;

    type Job = &'static str;

    fn from(address: &str) -> Requester {
        Requester { address: Some(address.parse().unwrap()), account: None }
    }

    fn about(account: Account, address: &str) -> Requester {
        Requester { account: Some(account), ..from(address) }
    }

    fn queue(places: usize) -> Waiting<Job> {
        Waiting::new(places, |_| true)
    }

    fn taken<J>(waiting: &mut Waiting<J>) -> Vec<J> {
        std::iter::from_fn(|| waiting.take()).collect()
    }

    #[test]
    fn whoever_is_alone_may_use_every_place_and_no_more() {
        let mut waiting = queue(2);
        assert_eq!(waiting.push(Login, Requester::default(), "first"), None);
        assert_eq!(waiting.push(Change, Requester::default(), "second"), None);
        assert_eq!(waiting.push(Login, Requester::default(), "third"), Some("third"));
        assert_eq!(waiting.take(), Some("first"));
        assert_eq!(waiting.push(Login, Requester::default(), "third"), None);
    }

    #[test]
    fn when_it_is_full_a_newcomer_takes_the_place_of_whoever_holds_most() {
        let mut waiting = queue(40);
        for number in 0..10 {
            for _ in 0..4 {
                assert_eq!(waiting.push(Login, from(&format!("203.0.113.{number}")), "a"), None);
            }
        }
        assert_eq!(waiting.push(Login, from("198.51.100.1"), "owner"), Some("a"));
        let order = taken(&mut waiting);
        assert_eq!(order.len(), 40);
        assert!(order.iter().position(|job| *job == "owner").unwrap() <= 10, "after one of each");
    }

    #[test]
    fn a_48_is_one_holder_however_many_addresses_it_uses() {
        let mut waiting = queue(40);
        for number in 0..40 {
            let address = format!("2001:db8:1:{number:x}::1");
            assert_eq!(waiting.push(Login, from(&address), "attacker"), None);
        }
        for number in 0..20 {
            let owner = from(&format!("2001:db8:{:x}::1", 100 + number));
            assert_eq!(waiting.push(Login, owner, "owner"), Some("attacker"));
        }
        // Each of them is as modest as the others.
        assert_eq!(waiting.push(Login, from("2001:db8:1:ff::1"), "late"), Some("late"));
    }

    #[test]
    fn nobody_gives_way_to_somebody_who_holds_as_much() {
        let mut waiting = queue(4);
        for address in ["203.0.113.1", "203.0.113.2", "203.0.113.1", "203.0.113.2"] {
            assert_eq!(waiting.push(Login, from(address), "early"), None);
        }
        assert_eq!(waiting.push(Login, from("203.0.113.1"), "late"), Some("late"));
        assert_eq!(waiting.push(Change, from("203.0.113.3"), "modest"), Some("early"));
    }

    #[test]
    fn one_account_has_two_jobs_at_most_wherever_they_come_from() {
        let typed = || Account::Typed("digest".to_owned());
        let mut waiting = queue(400);
        for (host, admitted) in [(1, true), (2, true), (3, false)] {
            let requester = about(typed(), &format!("198.51.100.{host}"));
            assert_eq!(waiting.push(Login, requester, "job").is_none(), admitted, "{host}");
        }
        let change = waiting.push(Change, about(typed(), "198.51.100.4"), "change");
        assert_eq!(change, Some("change"), "a change counts as well");
        for _ in 0..2 {
            assert_eq!(waiting.push(Login, about(Account::Id(1), "198.51.100.5"), "other"), None);
        }
    }

    #[test]
    fn the_owner_of_a_name_takes_the_place_of_somebody_who_guesses_at_many() {
        let typed = |name: &str| Account::Typed(name.to_owned());
        let mut waiting = queue(400);
        for name in ["ada", "ada", "bob", "eve"] {
            assert_eq!(waiting.push(Login, about(typed(name), "203.0.113.9"), "guess"), None);
        }
        let owner = about(typed("ada"), "198.51.100.1");
        assert_eq!(waiting.push(Login, owner, "owner"), Some("guess"));
        assert!(taken(&mut waiting).contains(&"owner"));
    }

    #[test]
    fn the_place_of_a_job_that_was_taken_is_free_again() {
        let mut waiting = queue(8);
        for _ in 0..3 {
            for _ in 0..2 {
                let requester = about(Account::Id(1), "203.0.113.9");
                assert_eq!(waiting.push(Login, requester, "job"), None);
            }
            assert_eq!(taken(&mut waiting).len(), 2);
        }
        assert!(waiting.by_account.is_empty());
        let nobody = waiting.holdings.held_by(&Networks::of(from("203.0.113.9").address));
        assert_eq!(nobody, [0; 3]);
    }

    #[test]
    fn a_job_that_nobody_wants_any_more_takes_no_place() {
        let mut waiting = Waiting::new(2, |job: &Job| *job != "gone");
        assert_eq!(waiting.push(Login, from("203.0.113.1"), "gone"), None);
        assert_eq!(waiting.push(Login, from("203.0.113.2"), "wanted"), None);
        assert_eq!(waiting.push(Login, from("203.0.113.2"), "new"), None);
        assert_eq!(taken(&mut waiting), ["wanted", "new"]);
    }

    #[test]
    fn while_both_wait_three_logins_come_to_one_change() {
        let mut waiting = Waiting::new(100, |_| true);
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
        let mut waiting = Waiting::new(100, |_| true);
        for number in 0..6 {
            assert!(waiting.push(Change, Requester::default(), number).is_none());
        }
        assert_eq!(taken(&mut waiting), [0, 1, 2, 3, 4, 5]);
    }
}
