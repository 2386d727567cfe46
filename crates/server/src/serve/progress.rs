//! What a connection serves, and when it has served nothing for too long.
//!
//! Only requests count. Whoever keeps bytes moving without one, by HTTP/2 pings or by a head that
//! comes letter by letter, makes no progress, and neither does a client that takes no answers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Duration;

use tokio::time::Instant;

/// The slowest that a client may take an answer, in bytes per second: a bad mobile connection.
const SLOWEST: f64 = 4_096.0;

/// The size of the head of an answer, in bytes.
const HEAD: u64 = 1_024;

/// The progress of one connection. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Progress(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    limit: Duration,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    requests: BTreeMap<u64, Phase>,
    next: u64,
    /// When the last answer was taken, or the connection was made.
    idle_since: Instant,
    /// When the next request must have come.
    idle_until: Instant,
    /// How many bytes of answers have not been written yet. What is written beyond them, such as
    /// answers to pings, is no progress.
    unwritten: u64,
    is_closed: bool,
    waker: Option<Waker>,
}

/// How far a request is.
#[derive(Clone, Copy, Debug)]
enum Phase {
    /// Its body arrives.
    Arriving { since: Instant },
    /// The server works on it.
    Answering,
    /// The client takes the answer.
    Leaving { since: Instant, until: Instant },
}

/// A request of a connection; it is over when this is dropped.
#[derive(Debug)]
pub(super) struct Served {
    progress: Progress,
    number: u64,
}

/// The arrival of a request's body, which ends when this is dropped.
#[derive(Debug)]
pub(super) struct Arrival {
    progress: Progress,
    number: u64,
}

impl Progress {
    /// A new connection. It has so much time for its first request, and again after each.
    pub(super) fn new(limit: Duration) -> Self {
        let now = Instant::now();
        let state = State {
            requests: BTreeMap::new(),
            next: 0,
            idle_since: now,
            idle_until: now + limit,
            unwritten: 0,
            is_closed: false,
            waker: None,
        };
        Self(Arc::new(Shared { limit, state: Mutex::new(state) }))
    }

    /// A request whose head has arrived.
    pub(super) fn begin(&self) -> Served {
        let mut state = self.state();
        let number = state.next;
        state.next += 1;
        state.requests.insert(number, Phase::Answering);
        Served { progress: self.clone(), number }
    }

    /// When the connection will have served nothing for too long, as far as is known now; `None` if
    /// it is to be closed at once. `waker` is woken when that changes to `None`.
    pub(super) fn end(&self, waker: &Waker) -> Option<Instant> {
        let mut state = self.state();
        if state.is_closed {
            return None;
        }
        if !state.waker.as_ref().is_some_and(|known| known.will_wake(waker)) {
            state.waker = Some(waker.clone());
        }
        if state.requests.is_empty() {
            return Some(state.idle_until);
        }
        let ends = state.requests.values().filter_map(|phase| match phase {
            Phase::Leaving { until, .. } => Some(*until),
            // The server limits how long these take.
            Phase::Arriving { .. } | Phase::Answering => None,
        });
        Some(ends.min().unwrap_or_else(|| Instant::now() + self.0.limit))
    }

    /// Since when the server has been waiting for the client; `None` while it works on a request.
    pub(super) fn stalled_since(&self) -> Option<Instant> {
        let state = self.state();
        let mut stalled = None;
        for phase in state.requests.values() {
            match phase {
                Phase::Answering => return None,
                Phase::Arriving { since } | Phase::Leaving { since, .. } => {
                    stalled = Some(stalled.map_or(*since, |earlier: Instant| earlier.min(*since)));
                }
            }
        }
        stalled.or(Some(state.idle_since))
    }

    /// So many bytes were written. If they are of answers, whoever takes them has more time, as long
    /// as it would take on a bad connection.
    pub(super) fn wrote(&self, bytes: usize, now: Instant) {
        let mut state = self.state();
        let state = &mut *state;
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX).min(state.unwritten);
        if bytes == 0 {
            return;
        }
        state.unwritten -= bytes;
        #[expect(clippy::cast_precision_loss, reason = "no answer is that long")]
        let earned = Duration::from_secs_f64(bytes as f64 / SLOWEST);
        let latest = now + self.0.limit;
        let ends = state.requests.values_mut().filter_map(|phase| match phase {
            Phase::Leaving { until, .. } => Some(until),
            Phase::Arriving { .. } | Phase::Answering => None,
        });
        for until in ends.chain([&mut state.idle_until]) {
            *until = (*until + earned).min(latest).max(*until);
        }
    }

    /// Closes the connection.
    pub(super) fn close(&self) {
        let mut state = self.state();
        state.is_closed = true;
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// A panic cannot leave the state half-changed, so a poisoned lock is still good.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Served {
    /// Its body is still to come.
    pub(super) fn arriving(&self) -> Arrival {
        let since = Instant::now();
        self.progress.state().requests.insert(self.number, Phase::Arriving { since });
        Arrival { progress: self.progress.clone(), number: self.number }
    }

    /// Its answer, of so many bytes, is ready to be taken.
    pub(super) fn answered(&self, bytes: u64) {
        let since = Instant::now();
        let until = since + self.progress.0.limit;
        let mut state = self.progress.state();
        state.unwritten = state.unwritten.saturating_add(bytes + HEAD);
        state.requests.insert(self.number, Phase::Leaving { since, until });
    }
}

impl Drop for Served {
    /// What was not answered, because the client went away, is no progress.
    fn drop(&mut self) {
        let mut state = self.progress.state();
        if let Some(Phase::Leaving { .. }) = state.requests.remove(&self.number) {
            state.idle_since = Instant::now();
            state.idle_until = state.idle_since + self.progress.0.limit;
        }
    }
}

impl Drop for Arrival {
    fn drop(&mut self) {
        if let Some(phase @ Phase::Arriving { .. }) =
            self.progress.state().requests.get_mut(&self.number)
        {
            *phase = Phase::Answering;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(30);

    fn end(progress: &Progress) -> Option<Instant> {
        progress.end(Waker::noop())
    }

    #[tokio::test]
    async fn a_request_that_the_server_works_on_is_no_stalled_one() {
        let progress = Progress::new(PATIENCE);
        assert!(progress.stalled_since().is_some(), "nothing has come");
        let served = progress.begin();
        assert_eq!(progress.stalled_since(), None);
        let arrival = served.arriving();
        assert!(progress.stalled_since().is_some(), "its body is to come");
        drop(arrival);
        assert_eq!(progress.stalled_since(), None);
        served.answered(100);
        assert!(progress.stalled_since().is_some(), "its answer is to be taken");
        let other = progress.begin();
        assert_eq!(progress.stalled_since(), None, "another request is worked on");
        drop((served, other));
        assert!(progress.stalled_since().is_some());
    }

    #[tokio::test]
    async fn an_answer_that_is_not_taken_ends_the_connection_whatever_else_it_asks() {
        let progress = Progress::new(PATIENCE);
        let (stuck, begun) = (progress.begin(), Instant::now());
        stuck.answered(0);
        let other = progress.begin();
        assert!(end(&progress).unwrap() < begun + PATIENCE * 2);
        other.answered(0);
        drop(other);
        let until = end(&progress).unwrap();
        assert!(until >= begun + PATIENCE && until < begun + PATIENCE * 2);
    }

    #[tokio::test]
    async fn a_request_that_was_given_up_gives_no_more_time() {
        let progress = Progress::new(PATIENCE);
        let first = end(&progress);
        drop(progress.begin());
        assert_eq!(end(&progress), first);
        let served = progress.begin();
        served.answered(0);
        drop(served);
        assert!(end(&progress) > first);
    }

    #[tokio::test]
    async fn whoever_takes_an_answer_slowly_has_more_time_and_pings_earn_none() {
        let progress = Progress::new(PATIENCE);
        let served = progress.begin();
        served.answered(409_600);
        let first = end(&progress).unwrap();
        let later = Instant::now() + Duration::from_secs(20);
        progress.wrote(40_960, later);
        assert_eq!(end(&progress).unwrap(), first + Duration::from_secs(10));
        progress.wrote(400_000, later);
        let latest = later + PATIENCE;
        assert_eq!(end(&progress).unwrap(), latest, "never longer than after a new answer");
        progress.wrote(100_000, later + Duration::from_secs(20));
        assert_eq!(end(&progress).unwrap(), latest, "there was no more to write");
    }

    #[tokio::test]
    async fn a_closed_connection_has_no_end_to_wait_for() {
        let progress = Progress::new(PATIENCE);
        progress.close();
        assert_eq!(end(&progress), None);
    }
}
