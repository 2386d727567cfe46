//! Work on a connection that is done to its end, also when nobody waits for it any more.
//!
//! A request that is given up drops its future wherever it had come to. The driver of MySQL does
//! not know what is still to come then: it takes the answer to PREPARE for that of a statement and
//! waits for packets that nobody sends, while its pool counts the connection as used. It also
//! forgets a BEGIN that is under way. So a task goes on with the work and gives back a connection
//! of which nothing is outstanding.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::runtime::Handle;

/// Work that was begun. Without a runtime it ends where it is when dropped.
struct UnfinishedWork<T: Send + 'static>(Option<Pin<Box<dyn Future<Output = T> + Send>>>);

impl<T: Send + 'static> Future for UnfinishedWork<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let Some(work) = &mut self.0 else { return Poll::Pending };
        let done = ready!(work.as_mut().poll(context));
        self.0 = None;
        Poll::Ready(done)
    }
}

impl<T: Send + 'static> Drop for UnfinishedWork<T> {
    fn drop(&mut self) {
        if let Some(rest) = self.0.take()
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(rest);
        }
    }
}

/// Does the work, of which nothing may be left half done. The answer is small: who awaits it does
/// not carry the future of the driver, which has kilobytes.
pub(super) fn to_its_end<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> impl Future<Output = T> {
    UnfinishedWork(Some(Box::pin(work)))
}
