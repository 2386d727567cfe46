//! Whether the mail server takes letters at all.
//!
//! While it does not, letters are left where they are: one is tried now and then, and the others
//! neither use up attempts nor write to the database. When one gets through, all may follow.

use std::time::Duration;

use rest_auth_domain::random::RandomSource;
use tokio::time::Instant;

use super::delivery::Delivery;

/// How many letters may be under way at a time.
pub(super) const MOST: usize = 8;
/// How long to wait before the next attempt after the first, second … failure in a row.
const PAUSES: [Duration; 5] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(15),
];
/// After how many more failures it is said again that no letter goes out: about five minutes.
const REMIND: u32 = 20;

/// The way out.
#[derive(Debug, Default)]
pub(super) struct CircuitBreaker {
    failures: u32,
    closed_until: Option<Instant>,
}

impl CircuitBreaker {
    /// How many letters may be under way now.
    pub(super) fn room(&self, now: Instant) -> usize {
        match self.closed_until {
            None => MOST,
            Some(until) if until <= now => 1,
            Some(_) => 0,
        }
    }

    /// How long until there is room, if there is none.
    pub(super) fn wait(&self, now: Instant) -> Option<Duration> {
        self.closed_until.map(|until| until.duration_since(now)).filter(|rest| !rest.is_zero())
    }

    /// Learns from a delivery.
    pub(super) fn learn(&mut self, way: &Delivery, now: Instant, random: &dyn RandomSource) {
        match way {
            Delivery::Open => {
                if self.failures > 0 {
                    tracing::info!(event = "mail_resumed", "letters go out again");
                }
                *self = Self::default();
            }
            Delivery::Untried => {}
            // Letters that were under way together fail together, which is one failure.
            Delivery::Closed(_) if self.wait(now).is_some() => {}
            Delivery::Closed(error) => {
                let index = usize::try_from(self.failures).unwrap_or(usize::MAX);
                let pause = PAUSES[index.min(PAUSES.len() - 1)];
                let mut chance = [0_u8];
                random.fill(&mut chance);
                // Instances that lost the server together must not come back together.
                let pause = pause + pause * u32::from(chance[0]) / 1_275;
                self.closed_until = Some(now + pause);
                if self.failures.is_multiple_of(REMIND) {
                    tracing::warn!(event = "mail_stopped", error, "no letter goes out");
                }
                self.failures = self.failures.saturating_add(1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Least;

    impl RandomSource for Least {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(0);
        }
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn closes_for_longer_and_longer_and_lets_one_letter_try() {
        let (mut breaker, mut now) = (CircuitBreaker::default(), Instant::now());
        assert_eq!((breaker.room(now), breaker.wait(now)), (MOST, None));
        for pause in [1, 2, 4, 8, 15, 15, 15] {
            breaker.learn(&Delivery::Closed("away".to_owned()), now, &Least);
            assert_eq!((breaker.room(now), breaker.wait(now)), (0, Some(seconds(pause))));
            now += seconds(pause);
            assert_eq!((breaker.room(now), breaker.wait(now)), (1, None));
        }
        breaker.learn(&Delivery::Untried, now, &Least);
        assert_eq!(breaker.room(now), 1, "a letter for nobody says nothing");
        breaker.learn(&Delivery::Open, now, &Least);
        assert_eq!(breaker.room(now), MOST);
        breaker.learn(&Delivery::Closed("away".to_owned()), now, &Least);
        assert_eq!(breaker.wait(now), Some(seconds(1)), "it begins anew");
    }

    #[test]
    fn letters_that_fail_together_are_one_failure() {
        let (mut breaker, now) = (CircuitBreaker::default(), Instant::now());
        for _ in 0..MOST {
            breaker.learn(&Delivery::Closed("away".to_owned()), now, &Least);
        }
        assert_eq!(breaker.wait(now), Some(seconds(1)));
    }
}
