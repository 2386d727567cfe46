//! A limit on the mails that a crash sends twice.
//!
//! A mail that the mail server has accepted and that is not yet recorded as sent goes out again
//! if the process dies. Therefore mails pass from acceptance to record one at a time, however
//! many are being delivered.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// The longest time that one mail holds the slot. A mail server that takes longer for each mail
/// gets several at once.
const PATIENCE: Duration = Duration::from_millis(500);

/// The permission to send, held by one mail at a time.
pub(crate) struct SendSlot(Arc<Semaphore>);

/// The proof that a mail was accepted. Hold it until the delivery is recorded: the next mail
/// waits for it, at most half a second.
#[must_use = "drop it when the delivery is written down"]
#[derive(Debug)]
pub struct Receipt {
    done: Arc<Notify>,
    answer: Option<String>,
}

impl Receipt {
    /// The answer of the mail server; `None` if there was no mail server.
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
    /// Waits until every earlier mail is recorded, or has held the slot for [`PATIENCE`].
    pub(crate) async fn take(&self) -> Receipt {
        let done = Arc::new(Notify::new());
        // The semaphore is never closed.
        if let Ok(permit) = self.0.clone().acquire_owned().await {
            tokio::spawn(keep(permit, done.clone()));
        }
        Receipt { done, answer: None }
    }
}

/// Holds the slot until the receipt is dropped, at most for [`PATIENCE`].
async fn keep(permit: OwnedSemaphorePermit, done: Arc<Notify>) {
    // The slot is released in both cases.
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
    async fn the_next_mail_waits_for_the_receipt_and_not_for_ever() {
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
        let mails: Vec<_> = (0..count)
            .map(|_| {
                let slot = slot.clone();
                tokio::spawn(async move {
                    let receipt = slot.take().await;
                    tokio::time::sleep(PATIENCE / 4).await;
                    drop(receipt);
                })
            })
            .collect();
        for mail in mails {
            mail.await.expect("no panic");
        }
        assert!(begun.elapsed() >= PATIENCE / 4 * count, "two were in doubt at a time");
    }
}
