//! Circuit breakers, one for each host of a provider. A provider that does not answer, or slowly,
//! must not keep many requests waiting.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::error::SocialError;

/// The most requests to one host at a time.
const MOST: usize = 64;

/// After how many failures in a row a host is left alone.
const FAILURES: u32 = 5;

/// For how long. Then one request is tried.
const PAUSE: Duration = Duration::from_secs(15);

/// The breakers by host.
#[derive(Debug, Default)]
pub(crate) struct Breakers(Mutex<HashMap<String, Breaker>>);

#[derive(Debug, Default)]
struct Breaker {
    under_way: usize,
    failures: u32,
    open_until: Option<Instant>,
}

/// The leave to send one request.
#[derive(Debug)]
pub(crate) struct Permit<'b> {
    breakers: &'b Breakers,
    host: String,
    answered: Option<bool>,
}

impl Breakers {
    /// Takes a place for a request to a host.
    pub(crate) fn enter(&self, host: &str) -> Result<Permit<'_>, SocialError> {
        let mut breakers = self.locked();
        let breaker = breakers.entry(host.to_owned()).or_default();
        let now = Instant::now();
        if breaker.open_until.is_some_and(|until| now < until) {
            return Err(SocialError::Unavailable(format!("{host} has not answered for a while")));
        }
        if breaker.under_way >= MOST {
            return Err(SocialError::Unavailable(format!("{MOST} requests wait for {host}")));
        }
        if breaker.open_until.is_some() {
            // One is tried; the others wait for what becomes of it.
            breaker.open_until = Some(now + PAUSE);
        }
        breaker.under_way += 1;
        Ok(Permit { breakers: self, host: host.to_owned(), answered: None })
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<String, Breaker>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit<'_> {
    /// Records whether the host answered.
    pub(crate) fn leave(mut self, answered: bool) {
        self.answered = Some(answered);
    }
}

impl Drop for Permit<'_> {
    /// Gives the place back, also where the request is given up.
    fn drop(&mut self) {
        let mut breakers = self.breakers.locked();
        let Some(breaker) = breakers.get_mut(&self.host) else { return };
        breaker.under_way = breaker.under_way.saturating_sub(1);
        match self.answered {
            None => {}
            Some(true) => {
                if breaker.open_until.is_some() {
                    tracing::info!(event = "provider_resumed", host = self.host, "answers again");
                }
                breaker.failures = 0;
                breaker.open_until = None;
            }
            Some(false) => {
                breaker.failures = breaker.failures.saturating_add(1);
                if breaker.failures >= FAILURES {
                    if breaker.failures == FAILURES {
                        tracing::warn!(
                            event = "provider_stopped",
                            host = self.host,
                            "does not answer"
                        );
                    }
                    breaker.open_until = Some(Instant::now() + PAUSE);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_that_does_not_answer_is_left_alone_and_others_are_not() {
        let breakers = Breakers::default();
        for _ in 0..FAILURES {
            breakers.enter("a").unwrap().leave(false);
        }
        assert!(breakers.enter("a").is_err());
        breakers.enter("b").unwrap().leave(true);
    }

    #[test]
    fn an_answer_forgives_failures() {
        let breakers = Breakers::default();
        for _ in 0..FAILURES - 1 {
            breakers.enter("a").unwrap().leave(false);
        }
        breakers.enter("a").unwrap().leave(true);
        breakers.enter("a").unwrap().leave(false);
        assert!(breakers.enter("a").is_ok());
    }

    #[test]
    fn one_slow_host_holds_a_bounded_number_of_requests() {
        let breakers = Breakers::default();
        let mut held: Vec<_> = (0..MOST).map(|_| breakers.enter("a").unwrap()).collect();
        assert!(breakers.enter("a").is_err());
        assert!(breakers.enter("b").is_ok());
        // A request that is given up makes no failure, and gives its place back.
        held.pop();
        assert!(breakers.enter("a").is_ok());
    }
}
