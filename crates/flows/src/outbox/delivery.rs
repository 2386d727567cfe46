//! The delivery of one mail.

use std::convert::Infallible;
use std::time::Duration;

use chrono::TimeDelta;
use rest_auth_domain::random::RandomSource;
use rest_auth_mail::MailError;
use rest_auth_store::{Mail, Retry};

use super::stored;
use crate::auth::Auth;

/// How long a worker leases a mail. The worker renews the lease while it delivers; if it dies,
/// another worker takes the mail after this time. The clocks of instances must differ by less.
pub(super) const LEASE: TimeDelta = TimeDelta::seconds(20);
/// How often a worker renews its lease.
const RENEWAL: Duration = Duration::from_secs(5);
/// After how many failures of its own a mail is given up: after about two days, by the pauses of
/// [`pause_after`].
const MOST_ATTEMPTS: i64 = 55;
/// How long a mail waits for a mail server that takes no mail.
const LONGEST_OUTAGE: TimeDelta = TimeDelta::days(2);
/// The first and the longest pause before the result of a delivery is written again, after the
/// database failed.
const NOTE_AGAIN: [Duration; 2] = [Duration::from_millis(50), Duration::from_secs(1)];

/// What a delivery shows about the mail server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Delivery {
    /// The mail server takes mails, even if it refused this one.
    ServerUp,
    /// The mail server takes no mail now, for this reason.
    ServerDown(String),
    /// Nothing: a decoy is not sent.
    Decoy,
}

/// Delivers a leased mail and writes the result to the database.
pub(super) async fn deliver(auth: &Auth, mail: &Mail) -> Delivery {
    tokio::select! {
        delivery = attempt(auth, mail) => delivery,
        never = keep_lease(auth, mail) => match never {},
    }
}

async fn attempt(auth: &Auth, mail: &Mail) -> Delivery {
    let kept = match stored::read(auth, mail) {
        Ok(kept) => kept,
        Err(error) => {
            let reason = error.to_string();
            tracing::warn!(event = "mail_failed", mail = mail.id, error = reason, give_up = true);
            note(auth, mail, DeliveryResult::Failed(&reason, Retry::Never(auth.now()))).await;
            return Delivery::ServerUp;
        }
    };
    let id = kept.id_or(mail);
    let composed = auth.mailer().compose(&kept.content, &id, auth.now());
    let remains = stored::remains(kept.content.kind);
    if mail.is_decoy() {
        note(auth, mail, DeliveryResult::Sent(&remains)).await;
        return Delivery::Decoy;
    }
    let handed_over = match composed {
        Ok(message) => auth.mailer().send(&message).await,
        Err(error) => Err(error),
    };
    match handed_over {
        Ok(receipt) => {
            note(auth, mail, DeliveryResult::Sent(&remains)).await;
            drop(receipt);
            tracing::info!(event = "mail_sent", mail = mail.id, kind = kept.content.kind.name());
            Delivery::ServerUp
        }
        Err(error) => failed(auth, mail, &error).await,
    }
}

async fn failed(auth: &Auth, mail: &Mail, error: &MailError) -> Delivery {
    let now = auth.now();
    let text = error.to_string();
    if error.concerns_all() {
        // The mail is not the reason, so no attempt is counted. After two days it is of no use.
        let give_up = now - mail.available_at >= LONGEST_OUTAGE;
        let retry = if give_up { Retry::Never(now) } else { Retry::Uncounted };
        if give_up {
            tracing::warn!(event = "mail_failed", mail = mail.id, %error, give_up);
        }
        note(auth, mail, DeliveryResult::Failed(&text, retry)).await;
        return Delivery::ServerDown(text);
    }
    let give_up = error.is_permanent() || mail.attempts >= MOST_ATTEMPTS;
    let retry = if give_up {
        Retry::Never(now)
    } else {
        Retry::At(now + pause_after(mail.attempts, auth.random()))
    };
    tracing::warn!(event = "mail_failed", mail = mail.id, %error, give_up);
    note(auth, mail, DeliveryResult::Failed(&text, retry)).await;
    Delivery::ServerUp
}

/// The result of a delivery.
#[derive(Clone, Copy)]
enum DeliveryResult<'a> {
    /// What remains of the mail.
    Sent(&'a str),
    Failed(&'a str, Retry),
}

/// Writes the result of a delivery, and tries again until the database answers: a mail that was
/// accepted and is not marked as sent would be delivered twice.
async fn note(auth: &Auth, mail: &Mail, outcome: DeliveryResult<'_>) {
    let [mut pause, longest] = NOTE_AGAIN;
    loop {
        let written = match outcome {
            DeliveryResult::Sent(remains) => {
                auth.store().mail_sent(mail.id, remains, auth.now()).await
            }
            DeliveryResult::Failed(error, retry) => {
                auth.store().mail_failed(mail, error, retry).await
            }
        };
        let Err(error) = written else { return };
        tracing::warn!(%error, mail = mail.id, "the result of a delivery cannot be written yet");
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(longest);
    }
}

/// Renews the lease of a mail until the delivery ends.
async fn keep_lease(auth: &Auth, mail: &Mail) -> Infallible {
    loop {
        tokio::time::sleep(RENEWAL).await;
        if let Err(error) = auth.store().renew_mail(mail, auth.now() + LEASE).await {
            tracing::warn!(%error, mail = mail.id, "the lease of a mail cannot be renewed");
        }
    }
}

/// The pause before the next attempt: 10 s, 20 s, 40 s … up to an hour, and randomly up to a fifth
/// more or less, so that mails that failed together are not tried again together.
fn pause_after(attempts: i64, random: &dyn RandomSource) -> TimeDelta {
    let doublings = u32::try_from(attempts.clamp(1, 10)).unwrap_or(1) - 1;
    let seconds = (10_i64 << doublings).min(3_600);
    let mut random_byte = [0_u8];
    random.fill(&mut random_byte);
    // From 800 to 1200 in thousandths.
    TimeDelta::milliseconds(seconds * (800 + i64::from(random_byte[0]) * 400 / 255))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Always(u8);

    impl RandomSource for Always {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    #[test]
    fn pauses_grow_to_an_hour_and_differ() {
        let between = |attempts| {
            [0, 255].map(|random_byte| pause_after(attempts, &Always(random_byte)).num_seconds())
        };
        assert_eq!(between(1), [8, 12]);
        assert_eq!(between(2), [16, 24]);
        assert_eq!(between(9), [2_048, 3_072]);
        assert_eq!(between(10), [2_880, 4_320]);
        assert_eq!(between(i64::MAX), [2_880, 4_320]);
    }

    #[test]
    fn a_mail_is_given_up_after_about_two_days() {
        let mean = Always(127);
        let total: TimeDelta = (1..MOST_ATTEMPTS).map(|n| pause_after(n, &mean)).sum();
        assert!((TimeDelta::hours(44)..TimeDelta::hours(52)).contains(&total), "{total}");
    }
}
