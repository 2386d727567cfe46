//! Documents of providers that are kept for a while: keys and discovery.

use std::collections::HashMap;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rest_auth_domain::clock::Clock;
use tokio::sync::Mutex as AsyncMutex;

use crate::error::SocialError;

/// How soon a document may be asked for again because something was missing in it.
const SHORTEST: Duration = Duration::from_mins(1);

/// Documents by their URLs. Of requests at the same time one fetches, and the others wait for it.
pub(crate) struct Cache<T> {
    age: Duration,
    clock: Arc<dyn Clock>,
    slots: Mutex<HashMap<String, Arc<Slot<T>>>>,
}

/// The place of one document.
#[derive(Debug)]
struct Slot<T> {
    kept: Mutex<Option<CachedDocument<T>>>,
    /// Whose turn it is to fetch.
    turn: AsyncMutex<()>,
    /// How often nothing could be fetched and nothing was kept.
    failures: AtomicU64,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self { kept: Mutex::new(None), turn: AsyncMutex::new(()), failures: AtomicU64::new(0) }
    }
}

#[derive(Debug)]
struct CachedDocument<T> {
    document: Arc<T>,
    /// Counts the documents of this place, from 1.
    number: u64,
    /// When it was fetched, which bounds how long it is good.
    fetched_at: DateTime<Utc>,
    /// When it was last asked for.
    tried_at: DateTime<Utc>,
}

/// A document that may lack what a request needs.
pub(crate) trait Document {
    /// Whether it has the part of this name, such as a key.
    fn has(&self, part: Option<&str>) -> bool;
}

impl<T: Document> Cache<T> {
    /// Keeps documents for so long.
    pub(crate) fn new(age: Duration, clock: Arc<dyn Clock>) -> Self {
        Self { age, clock, slots: Mutex::default() }
    }

    /// The document at a URL. One that is kept but does not have the part is fetched again, at most
    /// once a minute. Where nothing new can be fetched, the old one goes on for 24 times its age.
    pub(crate) async fn get(
        &self,
        url: &str,
        part: Option<&str>,
        fetch: impl Future<Output = Result<T, SocialError>>,
    ) -> Result<Arc<T>, SocialError> {
        let slot = {
            let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(slots.entry(url.to_owned()).or_default())
        };
        let number = slot.number();
        // Who needs nothing new does not wait for those who do.
        if let Some(document) = self.good(&slot, part, number) {
            return Ok(document);
        }
        let failures = slot.failures.load(Ordering::Relaxed);
        let _turn = slot.turn.lock().await;
        if let Some(document) = self.good(&slot, part, number) {
            return Ok(document);
        }
        if slot.failures.load(Ordering::Relaxed) != failures {
            // Each would wait for its own failure, one after the other.
            let problem = format!("{url} could not be fetched while this request waited for it");
            return Err(SocialError::Unavailable(problem));
        }
        let fetched = fetch.await;
        let mut kept = slot.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        match (fetched, &mut *kept) {
            (Ok(document), kept) => {
                let number = kept.as_ref().map_or(1, |kept| kept.number + 1);
                let document = Arc::new(document);
                let copy = Arc::clone(&document);
                *kept =
                    Some(CachedDocument { document: copy, number, fetched_at: now, tried_at: now });
                Ok(document)
            }
            (Err(error), Some(kept))
                if self.is_within(kept.fetched_at, self.age.saturating_mul(24)) =>
            {
                tracing::warn!(event = "provider_document_kept", url, %error, "what is kept goes on");
                kept.tried_at = now;
                Ok(Arc::clone(&kept.document))
            }
            (Err(error), _) => {
                slot.failures.fetch_add(1, Ordering::Relaxed);
                Err(error)
            }
        }
    }

    /// What is kept, if it is good enough for a request that found the document of this number when
    /// it came.
    fn good(&self, slot: &Slot<T>, part: Option<&str>, number: u64) -> Option<Arc<T>> {
        let kept = slot.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = kept.as_ref()?;
        // Another request fetched it while this one waited.
        let is_new = kept.number != number;
        let is_young = self.is_within(kept.fetched_at, self.age);
        let was_tried = !self.age.is_zero() && self.is_within(kept.tried_at, SHORTEST);
        let is_good = (is_young && kept.document.has(part)) || is_new || was_tried;
        is_good.then(|| Arc::clone(&kept.document))
    }

    /// Whether a moment is no further away than this, on either side: what was fetched before the
    /// clock was set back must not be kept until the clock is there again.
    fn is_within(&self, moment: DateTime<Utc>, bound: Duration) -> bool {
        let apart = self.clock.now().signed_duration_since(moment).abs();
        apart.to_std().is_ok_and(|apart| apart < bound)
    }
}

impl<T> Slot<T> {
    /// The number of the document that is kept; 0: none is.
    fn number(&self) -> u64 {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().map_or(0, |kept| kept.number)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

    use super::*;

    impl Document for usize {
        fn has(&self, part: Option<&str>) -> bool {
            part.is_none()
        }
    }

    /// A clock that stands still until it is wound, in seconds.
    #[derive(Clone, Default)]
    struct HandClock(Arc<AtomicI64>);

    impl HandClock {
        fn advance(&self, seconds: i64) {
            self.0.fetch_add(seconds, Ordering::Relaxed);
        }
    }

    impl Clock for HandClock {
        fn now(&self) -> DateTime<Utc> {
            let seconds = self.0.load(Ordering::Relaxed);
            DateTime::from_timestamp(1_700_000_000 + seconds, 0).unwrap()
        }
    }

    /// What is asked for, how often it was fetched, and what time it is.
    struct Bench {
        cache: Cache<usize>,
        calls: AtomicUsize,
        clock: HandClock,
    }

    impl Bench {
        fn keeping_for(age: Duration) -> Self {
            let clock = HandClock::default();
            let cache = Cache::new(age, Arc::new(clock.clone()));
            Self { cache, calls: AtomicUsize::new(0), clock }
        }

        async fn get(&self, part: Option<&str>) -> usize {
            let fetch = async {
                let call = self.calls.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
                Ok(call)
            };
            *self.cache.get("u", part, fetch).await.unwrap()
        }

        async fn fail(&self) -> Result<Arc<usize>, SocialError> {
            let refused = async { Err(SocialError::Unavailable("down".to_owned())) };
            self.cache.get("u", None, refused).await
        }

        fn calls(&self) -> usize {
            self.calls.load(Ordering::Relaxed)
        }
    }

    const HOUR: Duration = Duration::from_hours(1);

    #[tokio::test]
    async fn many_at_once_fetch_once() {
        let bench = Bench::keeping_for(HOUR);
        let all = futures_util::future::join_all((0..1_000).map(|_| bench.get(None))).await;
        assert!(all.into_iter().all(|found| found == 0));
        assert_eq!(bench.calls(), 1);
    }

    #[tokio::test]
    async fn whoever_waited_for_a_failure_does_not_wait_for_their_own() {
        let bench = Bench::keeping_for(HOUR);
        let fail = || {
            let refused = async {
                bench.calls.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
                Err(SocialError::Unavailable("down".to_owned()))
            };
            bench.cache.get("u", None, refused)
        };
        let all = futures_util::future::join_all((0..100).map(|_| fail())).await;
        assert!(all.iter().all(Result::is_err));
        assert_eq!(bench.calls(), 1);
        assert!(fail().await.is_err());
        assert_eq!(bench.calls(), 2);
        assert_eq!(bench.get(None).await, 2);
    }

    #[tokio::test]
    async fn what_does_not_suffice_is_fetched_again_once_a_minute() {
        let bench = Bench::keeping_for(HOUR);
        for minute in 1..=3 {
            for _ in 0..100 {
                bench.get(Some("x")).await;
            }
            assert_eq!(bench.calls(), minute);
            bench.clock.advance(60);
        }
    }

    #[tokio::test]
    async fn a_document_is_fetched_again_when_it_is_old_or_the_clock_was_set_back() {
        let bench = Bench::keeping_for(HOUR);
        for (seconds, wanted) in [(0, 0), (3_599, 0), (1, 1), (-3_599, 1), (-3_600, 2)] {
            bench.clock.advance(seconds);
            assert_eq!(bench.get(None).await, wanted, "{seconds}");
        }
    }

    #[tokio::test]
    async fn an_old_document_goes_on_for_a_day_where_nothing_new_can_be_fetched() {
        let bench = Bench::keeping_for(HOUR);
        bench.get(None).await;
        bench.clock.advance(24 * 3_600 - 1);
        assert_eq!(*bench.fail().await.unwrap(), 0);
        bench.clock.advance(60);
        assert!(bench.fail().await.is_err());
    }

    #[tokio::test]
    async fn without_an_age_every_request_fetches() {
        let bench = Bench::keeping_for(Duration::ZERO);
        for _ in 0..3 {
            bench.get(None).await;
        }
        assert_eq!(bench.calls(), 3);
        assert!(bench.fail().await.is_err());
    }

    #[tokio::test]
    async fn an_error_is_not_kept() {
        let bench = Bench::keeping_for(HOUR);
        assert!(bench.fail().await.is_err());
        assert_eq!(bench.get(None).await, 0);
    }
}
