//! How few letters a crash leaves in doubt.
//!
//! Between the moment in which a letter is taken and the one in which that is written down nobody
//! knows about it but this process. If it dies then, the letter goes out again. So letters go
//! through this moment one by one, however many are under way.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// How long one letter may keep the others waiting. A mail server that takes longer over each gets
/// several at once after all.
const PATIENCE: Duration = Duration::from_millis(500);

/// Who may hand over.
pub(crate) struct SendSlot(Arc<Semaphore>);

/// The proof that a letter was taken. Keep it until that is written down: the next letter waits
/// for it, at least for a while.
#[must_use = "drop it when the delivery is written down"]
#[derive(Debug)]
pub struct Receipt {
    done: Arc<Notify>,
    answer: Option<String>,
}

impl Receipt {
    /// What the mail server answered; `None` if the letter went to none.
    #[must_use]
    pub fn answer(&self) -> Option<&str> {
        self.answer.as_deref()
    }

    pub(crate) fn answered(mut self, answer: String) -> Self {
        self.answer = Some(answer);
        self
    }
}

impl Drop for Receipt {
    fn drop(&mut self) {
        self.done.notify_one();
    }
}

impl SendSlot {
    /// Waits until each letter before this one is written down, or took longer than [`PATIENCE`].
    pub(crate) async fn take(&self) -> Receipt {
        let done = Arc::new(Notify::new());
        // Nobody closes the semaphore.
        if let Ok(permit) = self.0.clone().acquire_owned().await {
            tokio::spawn(keep(permit, done.clone()));
        }
        Receipt { done, answer: None }
    }
}

/// Holds the turn until it is done, or for long enough.
async fn keep(permit: OwnedSemaphorePermit, done: Arc<Notify>) {
    // Either way the turn is over.
    let _ = tokio::time::timeout(PATIENCE, done.notified()).await;
    drop(permit);
}

impl Default for SendSlot {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    #[tokio::test]
    async fn the_next_letter_waits_for_the_receipt_and_not_for_ever() {
        let slot = SendSlot::default();
        let begun = Instant::now();
        let first = slot.take().await;
        let second = slot.take().await;
        assert!(begun.elapsed() >= PATIENCE);
        drop(second);
        let third = tokio::time::timeout(PATIENCE / 2, slot.take()).await;
        assert!(third.is_ok(), "nobody is before it");
        drop(first);
    }

    #[tokio::test]
    async fn a_long_queue_is_no_reason_to_lose_patience() {
        let slot = Arc::new(SendSlot::default());
        let begun = Instant::now();
        let count = 5;
        let letters: Vec<_> = (0..count)
            .map(|_| {
                let slot = slot.clone();
                tokio::spawn(async move {
                    let receipt = slot.take().await;
                    tokio::time::sleep(PATIENCE / 4).await;
                    drop(receipt);
                })
            })
            .collect();
        for letter in letters {
            letter.await.expect("no panic");
        }
        assert!(begun.elapsed() >= PATIENCE / 4 * count, "two were in doubt at a time");
    }
}
