//! How a flow that wrote a mail wakes the worker that delivers it.

use std::time::Duration;

use tokio::sync::Notify;

/// Wakes the worker of this process.
#[derive(Debug, Default)]
pub(crate) struct Wakeup(Notify);

impl Wakeup {
    /// Wakes the worker, now or when it next waits.
    pub(super) fn wake(&self) {
        self.0.notify_one();
    }

    /// Waits until the worker is woken, but not longer than this.
    pub(super) async fn wait(&self, longest: Duration) {
        let _ = tokio::time::timeout(longest, self.0.notified()).await;
    }
}
