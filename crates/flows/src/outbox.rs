//! The outbox: mails are written with the change that causes them, and a worker delivers them.
//!
//! `stored` is a mail as a row, `delivery` delivers one, `circuit_breaker` pauses while the mail
//! server takes no mail, and `wakeup` wakes the worker. Delivery is at least once: if the process
//! dies after the mail server accepted a mail and before the row is marked as sent, the mail is
//! sent again under the same `Message-ID`. This can happen to one mail at a time
//! ([`rest_auth_mail::Receipt`]).

mod circuit_breaker;
mod delivery;
mod stored;
pub(crate) mod wakeup;

use std::pin::pin;
use std::time::Duration;

use futures_util::future::join_all;
use rest_auth_store::{Mail, Outgoing};
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;

use crate::auth::Auth;
use crate::error::AuthError;
use circuit_breaker::CircuitBreaker;
use delivery::Delivery;

pub use stored::kind_of;
pub(crate) use stored::row;

/// How often the worker reads the outbox when nothing wakes it. It finds retries and the mails of
/// other instances in this way.
const POLL_INTERVAL: Duration = Duration::from_secs(5);
/// How long the worker waits for further deliveries to end before it fetches the next mails, so
/// that one statement fetches several.
const BATCH_WINDOW: Duration = Duration::from_millis(30);

/// Wakes the worker after a change that wrote mails in its own transaction.
pub(crate) fn wake(auth: &Auth) {
    auth.wakeup().wake();
}

/// Writes mails in a transaction of their own, and wakes the worker.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn enqueue(auth: &Auth, mails: &Outgoing) -> Result<(), AuthError> {
    auth.store().enqueue_outgoing(mails).await?;
    wake(auth);
    Ok(())
}

/// Writes decoy mails and wakes the worker. The work is that of [`enqueue`], so that the response
/// time does not reveal whether there is a recipient.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn enqueue_decoys(auth: &Auth, mails: &Outgoing) -> Result<(), AuthError> {
    auth.store().enqueue_decoys(mails).await?;
    wake(auth);
    Ok(())
}

/// Delivers mails until the future is dropped, which may be in the middle of a delivery.
pub async fn deliver_forever(auth: &Auth) {
    deliver_until(auth, std::future::pending()).await;
}

/// Delivers mails until `stop` is ready, then waits for the deliveries under way: a mail that is
/// handed over but not marked as sent would be delivered twice. The server runs one worker beside
/// its listener.
///
/// Up to eight mails are delivered at once, so a slow one does not delay the others.
pub async fn deliver_until(auth: &Auth, stop: impl Future<Output = ()>) {
    let mut stop = pin!(stop);
    let mut worker = Worker { auth, breaker: CircuitBreaker::default(), under_way: JoinSet::new() };
    loop {
        worker.fetch().await;
        tokio::select! {
            biased;
            () = &mut stop => break,
            Some(ended) = worker.under_way.join_next() => worker.record(ended),
            () = wait(auth, &worker.breaker) => {}
        }
        worker.await_more().await;
    }
    while worker.under_way.join_next().await.is_some() {}
}

struct Worker<'a> {
    auth: &'a Auth,
    breaker: CircuitBreaker,
    under_way: JoinSet<Delivery>,
}

impl Worker<'_> {
    /// Starts deliveries, as many as the circuit breaker allows.
    async fn fetch(&mut self) {
        let free = self.breaker.capacity(Instant::now()).saturating_sub(self.under_way.len());
        if free == 0 {
            return;
        }
        match lease(self.auth, free).await {
            Ok(mails) => {
                for mail in mails {
                    let auth = self.auth.clone();
                    self.under_way.spawn(async move { delivery::deliver(&auth, &mail).await });
                }
            }
            Err(error) => tracing::warn!(%error, "the outbox cannot be read"),
        }
    }

    fn record(&mut self, ended: Result<Delivery, JoinError>) {
        match ended {
            Ok(delivery) => self.breaker.record(&delivery, Instant::now(), self.auth.random()),
            Err(error) => tracing::error!(%error, "a delivery broke off"),
        }
    }

    /// Waits up to [`BATCH_WINDOW`] for more deliveries to end.
    async fn await_more(&mut self) {
        let deadline = Instant::now() + BATCH_WINDOW;
        while self.under_way.len() > circuit_breaker::MOST / 2 {
            match tokio::time::timeout_at(deadline, self.under_way.join_next()).await {
                Ok(Some(ended)) => self.record(ended),
                Ok(None) | Err(_) => return,
            }
        }
    }
}

/// Waits until there may be something to do.
async fn wait(auth: &Auth, breaker: &CircuitBreaker) {
    if let Some(pause) = breaker.wait(Instant::now()) {
        tokio::time::sleep(pause).await;
    } else {
        // The worker reads the outbox in both cases, so whether it was woken does not matter.
        auth.wakeup().wait(POLL_INTERVAL).await;
    }
}

/// Delivers one batch of due mails and returns how many were tried. A mail that stays in the
/// outbox because the mail server takes none is not counted.
///
/// # Errors
/// Errors of the database. A mail that cannot be delivered is not an error; it is tried again.
pub async fn deliver_due(auth: &Auth) -> Result<usize, AuthError> {
    let mails = lease(auth, circuit_breaker::MOST).await?;
    let deliveries = join_all(mails.iter().map(|mail| delivery::deliver(auth, mail))).await;
    let is_tried = |delivery: &&Delivery| !matches!(delivery, Delivery::ServerDown(_));
    Ok(deliveries.iter().filter(is_tried).count())
}

async fn lease(auth: &Auth, limit: usize) -> Result<Vec<Mail>, AuthError> {
    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    Ok(auth.store().lease_mails(auth.now(), delivery::LEASE, limit).await?)
}
