//! Letters on their way: written with the change that causes them, delivered by a worker.

use std::pin::pin;
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::try_join_all;
use rest_auth_mail::Letter;
use rest_auth_store::{Mail, NewMail, Retry};
use tokio::sync::Notify;

use crate::auth::Auth;
use crate::error::AuthError;

/// How long one worker has a letter to itself. It must outlast the slowest delivery, or two
/// workers send the same letter; the mailer gives up on a server after a minute, and a batch goes
/// out at once.
const LEASE: TimeDelta = TimeDelta::minutes(5);
/// How many letters one worker takes at a time.
const BATCH: u64 = 8;
/// How often the outbox is looked at when nobody rings: letters of other instances, and retries.
const PATROL: Duration = Duration::from_secs(5);
/// After how many failures a letter is given up: after two days, as [`pause_after`] has it.
const MOST_ATTEMPTS: i64 = 55;

/// Wakes the worker when a letter was written.
#[derive(Debug, Default)]
pub(crate) struct Bell(Notify);

impl Bell {
    pub(crate) fn ring(&self) {
        self.0.notify_one();
    }
}

/// A letter as a row of the outbox.
pub(crate) fn row(auth: &Auth, letter: &Letter) -> NewMail {
    let now = auth.now();
    NewMail {
        to_address: letter.to.clone(),
        payload: serde_json::json!(letter).to_string(),
        available_at: now,
        created_at: now,
    }
}

/// Delivers letters until the future is dropped, which may be in the middle of a delivery.
pub async fn deliver_forever(auth: &Auth) {
    deliver_until(auth, std::future::pending()).await;
}

/// Delivers letters until `stop` is ready, and ends between two batches: a letter that is handed
/// over but not marked as sent would go out twice. The server runs one of these beside its
/// listener.
pub async fn deliver_until(auth: &Auth, stop: impl Future<Output = ()>) {
    let mut stop = pin!(stop);
    loop {
        let rest = match deliver_due(auth).await {
            Ok(0) => PATROL,
            Ok(_) => Duration::ZERO,
            Err(error) => {
                tracing::warn!(%error, "the outbox cannot be read");
                PATROL
            }
        };
        tokio::select! {
            biased;
            () = &mut stop => return,
            _ = tokio::time::timeout(rest, auth.bell().0.notified()) => {}
        }
    }
}

/// Delivers what is due and tells how many letters were looked at.
///
/// # Errors
/// Whatever the database says; a letter that cannot be delivered is no error but tried again.
pub async fn deliver_due(auth: &Auth) -> Result<usize, AuthError> {
    let mails = auth.store().lease_mails(auth.now(), LEASE, BATCH).await?;
    try_join_all(mails.iter().map(|mail| deliver(auth, mail))).await?;
    Ok(mails.len())
}

async fn deliver(auth: &Auth, mail: &Mail) -> Result<(), AuthError> {
    let letter: Letter = match serde_json::from_str(&mail.payload) {
        Ok(letter) => letter,
        Err(error) => {
            let never = Retry::Never(auth.now());
            auth.store().mail_failed(mail.id, &error.to_string(), never).await?;
            return Ok(());
        }
    };
    match auth.mailer().deliver(&letter, auth.now()).await {
        Ok(()) => {
            auth.store().mail_sent(mail.id, auth.now()).await?;
            tracing::info!(event = "mail_sent", mail = mail.id, kind = ?letter.kind);
        }
        Err(error) => {
            let give_up = error.is_permanent() || mail.attempts >= MOST_ATTEMPTS;
            let retry = if give_up {
                Retry::Never(auth.now())
            } else {
                Retry::At(auth.now() + pause_after(mail.attempts))
            };
            tracing::warn!(event = "mail_failed", mail = mail.id, %error, give_up);
            auth.store().mail_failed(mail.id, &error.to_string(), retry).await?;
        }
    }
    Ok(())
}

/// 10 s, 20 s, 40 s … up to an hour.
fn pause_after(attempts: i64) -> TimeDelta {
    let doublings = u32::try_from(attempts.clamp(1, 10)).unwrap_or(1) - 1;
    TimeDelta::seconds((10_i64 << doublings).min(3_600))
}
