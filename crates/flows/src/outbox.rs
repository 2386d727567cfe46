//! Letters on their way: written with the change that causes them, delivered by a worker.
//!
//! `kept` is a letter in the database, `delivery` what happens to one, `circuit_breaker` knows
//! whether the mail server takes any, and `wakeup` wakes the worker. Delivery is at least once: a letter that was taken in the
//! moment in which the server dies is sent again, under the same `Message-ID`. Only one letter at a
//! time is in that moment ([`rest_auth_mail::Receipt`]).

mod circuit_breaker;
mod delivery;
mod kept;
pub(crate) mod wakeup;

use std::pin::pin;
use std::time::Duration;

use futures_util::future::join_all;
use rest_auth_store::{Letters, Mail};
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;

use crate::auth::Auth;
use crate::error::AuthError;
use circuit_breaker::CircuitBreaker;
use delivery::Delivery;

pub use kept::kind_of;
pub(crate) use kept::row;

/// How often the outbox is looked at unless the worker is woken: for letters of other instances, and
/// for retries.
const POLL_INTERVAL: Duration = Duration::from_secs(5);
/// How long letters under way may take to end together, so that the next ones are fetched together.
const BATCH_WINDOW: Duration = Duration::from_millis(30);

/// Wakes the worker after a change that wrote letters in its own transaction.
pub(crate) fn wake(auth: &Auth) {
    auth.wakeup().wake();
}

/// Writes letters that no change causes, and wakes the worker.
///
/// # Errors
/// Whatever the database says.
pub(crate) async fn enqueue(auth: &Auth, letters: &Letters) -> Result<(), AuthError> {
    auth.store().enqueue_letters(letters).await?;
    wake(auth);
    Ok(())
}

/// Does what [`enqueue`] does and takes the letters back, so that the response time is the same.
///
/// # Errors
/// Whatever the database says.
pub(crate) async fn enqueue_decoys(auth: &Auth, letters: &Letters) -> Result<(), AuthError> {
    auth.store().enqueue_decoys(letters).await?;
    wake(auth);
    Ok(())
}

/// Delivers letters until the future is dropped, which may be in the middle of a delivery.
pub async fn deliver_forever(auth: &Auth) {
    deliver_until(auth, std::future::pending()).await;
}

/// Delivers letters until `stop` is ready, and ends when those under way have: a letter that is
/// handed over but not marked as sent would go out twice. The server runs one of these beside its
/// listener.
///
/// A letter that takes long holds up no other, as long as fewer than eight do.
pub async fn deliver_until(auth: &Auth, stop: impl Future<Output = ()>) {
    let mut stop = pin!(stop);
    let mut worker = Worker { auth, breaker: CircuitBreaker::default(), under_way: JoinSet::new() };
    loop {
        worker.fetch().await;
        tokio::select! {
            biased;
            () = &mut stop => break,
            Some(ended) = worker.under_way.join_next() => worker.learn(ended),
            () = wait(auth, &worker.breaker) => {}
        }
        worker.gather().await;
    }
    while worker.under_way.join_next().await.is_some() {}
}

struct Worker<'a> {
    auth: &'a Auth,
    breaker: CircuitBreaker,
    under_way: JoinSet<Delivery>,
}

impl Worker<'_> {
    /// Starts to deliver as much as there is room for.
    async fn fetch(&mut self) {
        let room = self.breaker.room(Instant::now()).saturating_sub(self.under_way.len());
        if room == 0 {
            return;
        }
        match lease(self.auth, room).await {
            Ok(mails) => {
                for mail in mails {
                    let auth = self.auth.clone();
                    self.under_way.spawn(async move { delivery::deliver(&auth, &mail).await });
                }
            }
            Err(error) => tracing::warn!(%error, "the outbox cannot be read"),
        }
    }

    fn learn(&mut self, ended: Result<Delivery, JoinError>) {
        match ended {
            Ok(delivery) => self.breaker.learn(&delivery, Instant::now(), self.auth.random()),
            Err(error) => tracing::error!(%error, "a delivery broke off"),
        }
    }

    /// Waits a moment for more letters to end.
    async fn gather(&mut self) {
        let deadline = Instant::now() + BATCH_WINDOW;
        while self.under_way.len() > circuit_breaker::MOST / 2 {
            match tokio::time::timeout_at(deadline, self.under_way.join_next()).await {
                Ok(Some(ended)) => self.learn(ended),
                Ok(None) | Err(_) => return,
            }
        }
    }
}

/// Waits until there may be something to do.
async fn wait(auth: &Auth, breaker: &CircuitBreaker) {
    if let Some(rest) = breaker.wait(Instant::now()) {
        tokio::time::sleep(rest).await;
    } else {
        // Whether woken or not, the worker looks at the outbox.
        auth.wakeup().wait(POLL_INTERVAL).await;
    }
}

/// Delivers what is due, as far as it is taken at a time, and tells how many letters that were. A
/// letter that has to wait because no letter can be delivered is not counted.
///
/// # Errors
/// Whatever the database says; a letter that cannot be delivered is no error but tried again.
pub async fn deliver_due(auth: &Auth) -> Result<usize, AuthError> {
    let mails = lease(auth, circuit_breaker::MOST).await?;
    let ways = join_all(mails.iter().map(|mail| delivery::deliver(auth, mail))).await;
    Ok(ways.iter().filter(|way| !matches!(way, Delivery::Closed(_))).count())
}

async fn lease(auth: &Auth, limit: usize) -> Result<Vec<Mail>, AuthError> {
    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    Ok(auth.store().lease_mails(auth.now(), delivery::LEASE, limit).await?)
}
