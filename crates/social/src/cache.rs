//! Documents of providers that are kept for a while: keys and discovery.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Mutex as AsyncMutex;

use crate::error::SocialError;

/// How soon a document may be asked for again because something was missing in it.
const SHORTEST: Duration = Duration::from_mins(1);

/// Documents by their URLs. Of requests at the same time one fetches, and the others wait for it.
#[derive(Debug)]
pub(crate) struct Cache<T> {
    age: Duration,
    slots: Mutex<HashMap<String, Arc<Slot<T>>>>,
}

/// The place of one document.
#[derive(Debug)]
struct Slot<T> {
    kept: Mutex<Option<Kept<T>>>,
    /// Whose turn it is to fetch.
    turn: AsyncMutex<()>,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self { kept: Mutex::new(None), turn: AsyncMutex::new(()) }
    }
}

#[derive(Debug)]
struct Kept<T> {
    document: Arc<T>,
    /// When it was fetched, which bounds how long it is good.
    fetched_at: Instant,
    /// When it was last asked for.
    tried_at: Instant,
}

/// A document that may lack what a request needs.
pub(crate) trait Document {
    /// Whether it has the part of this name, such as a key.
    fn has(&self, part: Option<&str>) -> bool;
}

impl<T: Document> Cache<T> {
    /// Keeps documents for so long.
    pub(crate) fn new(age: Duration) -> Self {
        Self { age, slots: Mutex::default() }
    }

    /// The document at a URL. One that is kept but does not have the part is fetched again, at most
    /// once a minute. Where nothing new can be fetched, the old one goes on for 24 times its age.
    pub(crate) async fn get(
        &self,
        url: &str,
        part: Option<&str>,
        fetch: impl Future<Output = Result<T, SocialError>>,
    ) -> Result<Arc<T>, SocialError> {
        let asked = Instant::now();
        let slot = {
            let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(slots.entry(url.to_owned()).or_default())
        };
        // Who needs nothing new does not wait for those who do.
        if let Some(document) = self.good(&slot, part, asked) {
            return Ok(document);
        }
        let _turn = slot.turn.lock().await;
        if let Some(document) = self.good(&slot, part, asked) {
            return Ok(document);
        }
        let fetched = fetch.await;
        let mut kept = slot.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        match (fetched, &mut *kept) {
            (Ok(document), kept) => {
                let document = Arc::new(document);
                let copy = Arc::clone(&document);
                *kept = Some(Kept { document: copy, fetched_at: now, tried_at: now });
                Ok(document)
            }
            (Err(error), Some(kept)) if kept.fetched_at.elapsed() < self.age.saturating_mul(24) => {
                tracing::warn!(event = "provider_document_kept", url, %error, "what is kept goes on");
                kept.tried_at = now;
                Ok(Arc::clone(&kept.document))
            }
            (Err(error), _) => Err(error),
        }
    }

    /// What is kept, if it is good enough.
    fn good(&self, slot: &Slot<T>, part: Option<&str>, asked: Instant) -> Option<Arc<T>> {
        let kept = slot.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = kept.as_ref()?;
        // Another request fetched it while this one waited.
        let is_new = kept.fetched_at >= asked;
        let is_young = kept.fetched_at.elapsed() < self.age;
        let was_tried = !self.age.is_zero() && kept.tried_at.elapsed() < SHORTEST;
        let is_good = (is_young && kept.document.has(part)) || is_new || was_tried;
        is_good.then(|| Arc::clone(&kept.document))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    impl Document for usize {
        fn has(&self, part: Option<&str>) -> bool {
            part.is_none()
        }
    }

    async fn fetch(calls: &AtomicUsize) -> Result<usize, SocialError> {
        let call = calls.fetch_add(1, Ordering::Relaxed);
        tokio::task::yield_now().await;
        Ok(call)
    }

    #[tokio::test]
    async fn many_at_once_fetch_once() {
        let (cache, calls) = (Cache::new(Duration::from_hours(1)), AtomicUsize::new(0));
        let one = || cache.get("u", None, fetch(&calls));
        let all = futures_util::future::join_all((0..1_000).map(|_| one())).await;
        assert!(all.into_iter().all(|found| *found.unwrap() == 0));
        assert_eq!(calls.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn what_does_not_suffice_is_fetched_again_but_not_in_a_flood() {
        let (cache, calls) = (Cache::new(Duration::from_hours(1)), AtomicUsize::new(0));
        for _ in 0..100 {
            cache.get("u", Some("x"), fetch(&calls)).await.unwrap();
        }
        assert_eq!(calls.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn without_an_age_every_request_fetches() {
        let (cache, calls) = (Cache::new(Duration::ZERO), AtomicUsize::new(0));
        for _ in 0..3 {
            cache.get("u", None, fetch(&calls)).await.unwrap();
        }
        assert_eq!(calls.load(Ordering::Relaxed), 3);
        let refused = async { Err(SocialError::Unavailable("down".to_owned())) };
        assert!(cache.get("u", None, refused).await.is_err());
    }

    #[tokio::test]
    async fn an_error_is_not_kept() {
        let (cache, calls) = (Cache::new(Duration::from_hours(1)), AtomicUsize::new(0));
        let refused = async { Err(SocialError::Unavailable("down".to_owned())) };
        assert!(cache.get("u", None, refused).await.is_err());
        assert_eq!(*cache.get("u", None, fetch(&calls)).await.unwrap(), 0);
    }
}
