//! A circuit breaker for the mail server.
//!
//! While the mail server takes no mail, mails stay in the outbox. After each pause one mail is
//! tried; the others use up no attempts and cause no writes. Once one is delivered, all are tried.

use std::time::Duration;

use rest_auth_domain::random::RandomSource;
use tokio::time::Instant;

use super::delivery::Delivery;

/// How many mails may be under way at a time.
pub(super) const MOST: usize = 8;
/// How long to wait before the next attempt after the first, second … failure in a row.
const PAUSES: [Duration; 5] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(15),
];
/// After how many more failures the warning is logged again: about five minutes.
const REMIND: u32 = 20;

/// Circuit breaker for the mail server: closed, open until a time, or half open. Mails are delivered
/// while it is closed.
#[derive(Debug, Default)]
pub(super) struct CircuitBreaker {
    failures: u32,
    open_until: Option<Instant>,
}

impl CircuitBreaker {
    /// How many mails may be under way now.
    pub(super) fn capacity(&self, now: Instant) -> usize {
        match self.open_until {
            None => MOST,
            Some(until) if until <= now => 1,
            Some(_) => 0,
        }
    }

    /// How long until the next mail may be tried; `None` if one may be tried now.
    pub(super) fn wait(&self, now: Instant) -> Option<Duration> {
        self.open_until.map(|until| until.duration_since(now)).filter(|pause| !pause.is_zero())
    }

    /// Records how a delivery ended.
    pub(super) fn record(&mut self, delivery: &Delivery, now: Instant, random: &dyn RandomSource) {
        match delivery {
            Delivery::ServerUp => {
                if self.failures > 0 {
                    tracing::info!(event = "mail_resumed", "mails are delivered again");
                }
                *self = Self::default();
            }
            Delivery::Decoy => {}
            // Mails that were under way at the same time fail for the same reason: one failure.
            Delivery::ServerDown(_) if self.wait(now).is_some() => {}
            Delivery::ServerDown(error) => {
                let index = usize::try_from(self.failures).unwrap_or(usize::MAX);
                let pause = PAUSES[index.min(PAUSES.len() - 1)];
                let mut random_byte = [0_u8];
                random.fill(&mut random_byte);
                // Random, so that the instances do not all try again at the same moment.
                let pause = pause + pause * u32::from(random_byte[0]) / 1_275;
                self.open_until = Some(now + pause);
                if self.failures.is_multiple_of(REMIND) {
                    tracing::warn!(event = "mail_stopped", error, "no mail can be delivered");
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
    fn opens_for_longer_and_longer_and_then_lets_one_mail_try() {
        let (mut breaker, mut now) = (CircuitBreaker::default(), Instant::now());
        assert_eq!((breaker.capacity(now), breaker.wait(now)), (MOST, None));
        for pause in [1, 2, 4, 8, 15, 15, 15] {
            breaker.record(&Delivery::ServerDown("away".to_owned()), now, &Least);
            assert_eq!((breaker.capacity(now), breaker.wait(now)), (0, Some(seconds(pause))));
            now += seconds(pause);
            assert_eq!((breaker.capacity(now), breaker.wait(now)), (1, None));
        }
        breaker.record(&Delivery::Decoy, now, &Least);
        assert_eq!(
            breaker.capacity(now),
            1,
            "a decoy is not sent, so it shows nothing about the server"
        );
        breaker.record(&Delivery::ServerUp, now, &Least);
        assert_eq!(breaker.capacity(now), MOST);
        breaker.record(&Delivery::ServerDown("away".to_owned()), now, &Least);
        assert_eq!(breaker.wait(now), Some(seconds(1)), "it begins anew");
    }

    #[test]
    fn mails_that_fail_together_are_one_failure() {
        let (mut breaker, now) = (CircuitBreaker::default(), Instant::now());
        for _ in 0..MOST {
            breaker.record(&Delivery::ServerDown("away".to_owned()), now, &Least);
        }
        assert_eq!(breaker.wait(now), Some(seconds(1)));
    }
}
