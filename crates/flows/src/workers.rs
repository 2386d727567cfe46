//! Background workers: the delivery of mails and the clean-up.

use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};

use crate::auth::Auth;
use crate::{cleanup, outbox};

/// How long mails that are being handed over get at the least: the requests under way may have
/// used up all the time that a stopping program has.
const LAST_BATCH: Duration = Duration::from_secs(1);

/// The workers of one instance; every instance may have its own. When dropped they stop by
/// themselves: the clean-up at once, the delivery when the mails under way are handed over.
#[derive(Debug)]
#[must_use = "the workers stop when this is dropped"]
pub struct Workers {
    stop: oneshot::Sender<()>,
    outbox: JoinHandle<()>,
    cleanup: JoinSet<()>,
}

impl Workers {
    /// Starts to deliver mails and to remove expired rows.
    ///
    /// # Panics
    /// Outside of a Tokio runtime.
    pub fn start(auth: &Auth) -> Self {
        let (stop, stopped) = oneshot::channel::<()>();
        let mails = auth.clone();
        let outbox = tokio::spawn(async move {
            outbox::deliver_until(&mails, async {
                let _ = stopped.await;
            })
            .await;
        });
        let mut cleanup = JoinSet::new();
        let rows = auth.clone();
        cleanup.spawn(async move { cleanup::clean_forever(&rows).await });
        Self { stop, outbox, cleanup }
    }

    /// Stops the workers and waits until the mails that are being handed over are gone, at most
    /// for `patience` and at least for a second.
    pub async fn shut_down(self, patience: Duration) {
        let Self { stop, outbox, cleanup } = self;
        drop(cleanup);
        drop(stop);
        if tokio::time::timeout(patience.max(LAST_BATCH), outbox).await.is_err() {
            tracing::warn!("mails were being delivered; the next start sends them again");
        }
    }
}
