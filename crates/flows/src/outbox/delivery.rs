//! One letter on its way.

use std::convert::Infallible;
use std::time::Duration;

use chrono::TimeDelta;
use rest_auth_domain::random::RandomSource;
use rest_auth_mail::MailError;
use rest_auth_store::{Mail, Retry};

use super::kept::KeptLetter;
use crate::auth::Auth;

/// How long one worker has a letter to itself unless it says that it goes on: what a letter waits
/// when its worker dies. The clocks of instances may differ by less than this.
pub(super) const LEASE: TimeDelta = TimeDelta::seconds(20);
/// How often it says so.
const RENEWAL: Duration = Duration::from_secs(5);
/// After how many failures of its own a letter is given up: after two days, as [`pause_after`] has
/// it.
const MOST_ATTEMPTS: i64 = 55;
/// How long a letter may wait for a mail server that takes none at all.
const LONGEST_OUTAGE: TimeDelta = TimeDelta::days(2);
/// How long the database may be away before it is asked again to note a delivery, at first and at
/// the most.
const NOTE_AGAIN: [Duration; 2] = [Duration::from_millis(50), Duration::from_secs(1)];

/// What a delivery says about the next ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Delivery {
    /// Letters can be delivered, whatever became of this one.
    Open,
    /// No letter can be delivered now, and why.
    Closed(String),
    /// Nothing, because this one was for nobody.
    Untried,
}

/// Delivers a leased letter and writes down what became of it.
pub(super) async fn deliver(auth: &Auth, mail: &Mail) -> Delivery {
    tokio::select! {
        way = attempt(auth, mail) => way,
        never = keep_lease(auth, mail) => match never {},
    }
}

async fn attempt(auth: &Auth, mail: &Mail) -> Delivery {
    let kept: KeptLetter = match serde_json::from_str(&mail.payload) {
        Ok(kept) => kept,
        Err(error) => {
            // The text of the error may quote the letter, which is a secret.
            let reason = format!("the letter cannot be read, at column {}", error.column());
            tracing::warn!(event = "mail_failed", mail = mail.id, error = reason, give_up = true);
            note(auth, mail, Outcome::Failed(&reason, Retry::Never(auth.now()))).await;
            return Delivery::Open;
        }
    };
    let id = kept.id_or(mail);
    let composed = auth.mailer().compose(&kept.letter, &id, auth.now());
    if mail.is_decoy() {
        note(auth, mail, Outcome::Sent).await;
        return Delivery::Untried;
    }
    let handed_over = match composed {
        Ok(message) => auth.mailer().send(&message).await,
        Err(error) => Err(error),
    };
    match handed_over {
        Ok(receipt) => {
            note(auth, mail, Outcome::Sent).await;
            drop(receipt);
            tracing::info!(event = "mail_sent", mail = mail.id, kind = kept.letter.kind.name());
            Delivery::Open
        }
        Err(error) => failed(auth, mail, &error).await,
    }
}

async fn failed(auth: &Auth, mail: &Mail, error: &MailError) -> Delivery {
    let now = auth.now();
    let text = error.to_string();
    if error.concerns_all() {
        // Waiting is not this letter's fault, unless it takes so long that nobody expects it.
        let give_up = now - mail.available_at >= LONGEST_OUTAGE;
        let retry = if give_up { Retry::Never(now) } else { Retry::Uncounted };
        if give_up {
            tracing::warn!(event = "mail_failed", mail = mail.id, %error, give_up);
        }
        note(auth, mail, Outcome::Failed(&text, retry)).await;
        return Delivery::Closed(text);
    }
    let give_up = error.is_permanent() || mail.attempts >= MOST_ATTEMPTS;
    let retry = if give_up {
        Retry::Never(now)
    } else {
        Retry::At(now + pause_after(mail.attempts, auth.random()))
    };
    tracing::warn!(event = "mail_failed", mail = mail.id, %error, give_up);
    note(auth, mail, Outcome::Failed(&text, retry)).await;
    Delivery::Open
}

/// What became of a letter.
#[derive(Clone, Copy)]
enum Outcome<'a> {
    Sent,
    Failed(&'a str, Retry),
}

/// Writes down what became of a letter, however long the database is away: a letter that was taken
/// and is not noted goes out twice.
async fn note(auth: &Auth, mail: &Mail, outcome: Outcome<'_>) {
    let [mut pause, longest] = NOTE_AGAIN;
    loop {
        let written = match outcome {
            Outcome::Sent => auth.store().mail_sent(mail.id, auth.now()).await,
            Outcome::Failed(error, retry) => auth.store().mail_failed(mail, error, retry).await,
        };
        let Err(error) = written else { return };
        tracing::warn!(%error, mail = mail.id, "what became of a letter cannot be noted yet");
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(longest);
    }
}

/// Keeps the letter from other workers as long as this one is at it.
async fn keep_lease(auth: &Auth, mail: &Mail) -> Infallible {
    loop {
        tokio::time::sleep(RENEWAL).await;
        if let Err(error) = auth.store().renew_mail(mail, auth.now() + LEASE).await {
            tracing::warn!(%error, mail = mail.id, "a letter cannot be kept from other workers");
        }
    }
}

/// 10 s, 20 s, 40 s … up to an hour; a fifth more or less, so that letters that failed together do
/// not come back together.
fn pause_after(attempts: i64, random: &dyn RandomSource) -> TimeDelta {
    let doublings = u32::try_from(attempts.clamp(1, 10)).unwrap_or(1) - 1;
    let seconds = (10_i64 << doublings).min(3_600);
    let mut chance = [0_u8];
    random.fill(&mut chance);
    // From 800 to 1200 in thousandths.
    TimeDelta::milliseconds(seconds * (800 + i64::from(chance[0]) * 400 / 255))
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
        let between =
            |attempts| [0, 255].map(|chance| pause_after(attempts, &Always(chance)).num_seconds());
        assert_eq!(between(1), [8, 12]);
        assert_eq!(between(2), [16, 24]);
        assert_eq!(between(9), [2_048, 3_072]);
        assert_eq!(between(10), [2_880, 4_320]);
        assert_eq!(between(i64::MAX), [2_880, 4_320]);
    }

    #[test]
    fn a_letter_is_given_up_after_about_two_days() {
        let mean = Always(127);
        let total: TimeDelta = (1..MOST_ATTEMPTS).map(|n| pause_after(n, &mean)).sum();
        assert!((TimeDelta::hours(44)..TimeDelta::hours(52)).contains(&total), "{total}");
    }
}
