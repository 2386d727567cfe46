//! `rest_auth_outbox`: mails to deliver.
//!
//! A mail is written in the transaction that caused it and sent by a worker, so that no request
//! waits for SMTP and no crash loses a mail. A worker leases mails for a while; one whose lease
//! runs out, because its worker died, is leased again. Delivery is therefore at least once.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::sea_query::Value;

use crate::confirmations::{self, NewConfirmation};
use crate::entity::outbox::MailRow;
use crate::one_time::{self, MailedSecret};
use crate::{Backend, Store, StoreError, sql};

macro_rules! select_mail {
    ($rest:literal) => {
        concat!(
            r#"SELECT "id", "created_at", "to_address", "payload", "available_at", "attempts", "#,
            r#""last_error", "leased_until", "sent_at", "dead_at" FROM "rest_auth_outbox" WHERE "#,
            $rest
        )
    };
}

/// Letters that nobody gets are no news to an administrator.
macro_rules! list_mails {
    ($rest:literal) => {
        concat!(
            select_mail!(r#""to_address" <> '' AND (? = '' OR LOWER("to_address") = ?) "#),
            $rest
        )
    };
}

const INSERT: &str = r#"INSERT INTO "rest_auth_outbox"
    ("created_at", "to_address", "payload", "available_at", "attempts") VALUES (?, ?, ?, ?, 0)"#;
const DUE: &str = select_mail!(
    r#""sent_at" IS NULL AND "dead_at" IS NULL AND "available_at" <= ?
    AND ("leased_until" IS NULL OR "leased_until" <= ?) ORDER BY "available_at", "id" LIMIT ?"#
);
const DUE_LOCKED: &str = select_mail!(
    r#""sent_at" IS NULL AND "dead_at" IS NULL AND "available_at" <= ?
    AND ("leased_until" IS NULL OR "leased_until" <= ?) ORDER BY "available_at", "id" LIMIT ?
    FOR UPDATE SKIP LOCKED"#
);
const LEASE: &str = r#"UPDATE "rest_auth_outbox"
    SET "leased_until" = ?, "attempts" = "attempts" + 1 WHERE "id" = ?"#;
// Who holds a lease is known by the count of attempts: each lease raises it, so that a worker which
// overslept its own cannot touch the mail that another one has by now.
const RENEW: &str = r#"UPDATE "rest_auth_outbox" SET "leased_until" = ?
    WHERE "id" = ? AND "attempts" = ? AND "leased_until" IS NOT NULL
    AND "sent_at" IS NULL AND "dead_at" IS NULL"#;
const SENT: &str = r#"UPDATE "rest_auth_outbox"
    SET "sent_at" = ?, "leased_until" = NULL, "last_error" = NULL
    WHERE "id" = ? AND "sent_at" IS NULL"#;
const POSTPONE: &str = r#"UPDATE "rest_auth_outbox"
    SET "available_at" = ?, "leased_until" = NULL, "last_error" = ?
    WHERE "id" = ? AND "attempts" = ? AND "leased_until" IS NOT NULL
    AND "sent_at" IS NULL AND "dead_at" IS NULL"#;
const PUT_BACK: &str = r#"UPDATE "rest_auth_outbox"
    SET "attempts" = "attempts" - 1, "leased_until" = NULL, "last_error" = ?
    WHERE "id" = ? AND "attempts" = ? AND "leased_until" IS NOT NULL
    AND "sent_at" IS NULL AND "dead_at" IS NULL"#;
const BURY: &str = r#"UPDATE "rest_auth_outbox"
    SET "dead_at" = ?, "leased_until" = NULL, "last_error" = ?
    WHERE "id" = ? AND "attempts" = ? AND "leased_until" IS NOT NULL
    AND "sent_at" IS NULL AND "dead_at" IS NULL"#;
// A mail that is just being delivered is left alone, or it would go out twice.
const RETRY: &str = r#"UPDATE "rest_auth_outbox"
    SET "available_at" = ?, "dead_at" = NULL, "leased_until" = NULL, "attempts" = 0
    WHERE "id" = ? AND "sent_at" IS NULL AND ("leased_until" IS NULL OR "leased_until" <= ?)"#;
const RETRY_DEAD: &str = r#"UPDATE "rest_auth_outbox"
    SET "available_at" = ?, "dead_at" = NULL, "leased_until" = NULL, "attempts" = 0
    WHERE "sent_at" IS NULL AND "dead_at" IS NOT NULL"#;
const ALL: &str = list_mails!(r#"ORDER BY "id" DESC LIMIT ?"#);
const WAITING: &str = list_mails!(
    r#"AND "sent_at" IS NULL AND "dead_at" IS NULL ORDER BY "available_at", "id" LIMIT ?"#
);
const SENT_ONES: &str = list_mails!(r#"AND "sent_at" IS NOT NULL ORDER BY "id" DESC LIMIT ?"#);
const DEAD_ONES: &str =
    list_mails!(r#"AND "sent_at" IS NULL AND "dead_at" IS NOT NULL ORDER BY "id" DESC LIMIT ?"#);
const DELETE_SENT: &str = r#"DELETE FROM "rest_auth_outbox" WHERE "sent_at" <= ?"#;

/// The address of letters that nobody gets.
const NOBODY: &str = "";

/// A mail to send.
#[derive(Clone)]
pub struct NewMail {
    /// The one recipient.
    pub to_address: String,
    /// What the mail crate needs to write it. It may hold a link, hence no `Debug`.
    pub payload: String,
    /// Not to be sent before.
    pub available_at: DateTime<Utc>,
    /// When it was caused.
    pub created_at: DateTime<Utc>,
}

/// Letters to write, with the secrets that they carry if the database keeps them.
#[derive(Clone, Default)]
pub struct Letters {
    /// The mails.
    pub mails: Vec<NewMail>,
    /// The key, in projects with `ACCOUNT_EMAIL_CONFIRMATION_HMAC = False`.
    pub confirmation: Option<NewConfirmation>,
    /// The keys and codes of ours.
    pub secrets: Vec<MailedSecret>,
}

impl From<Vec<NewMail>> for Letters {
    fn from(mails: Vec<NewMail>) -> Self {
        Self { mails, ..Self::default() }
    }
}

/// A mail that is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// The primary key.
    pub id: i64,
    /// The one recipient.
    pub to_address: String,
    /// What the mail crate needs to write it. It may hold a link, hence no `Debug`.
    pub payload: String,
    /// How often it has been leased, this time included.
    pub attempts: i64,
    /// When it was caused.
    pub created_at: DateTime<Utc>,
    /// Not to be sent before.
    pub available_at: DateTime<Utc>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// Until when a worker has it to itself.
    pub leased_until: Option<DateTime<Utc>>,
    /// When it was sent.
    pub sent_at: Option<DateTime<Utc>>,
    /// When it was given up.
    pub dead_at: Option<DateTime<Utc>>,
}

impl Mail {
    /// Whether nobody gets it: it is there for the time that it takes.
    #[must_use]
    pub fn is_decoy(&self) -> bool {
        self.to_address == NOBODY
    }
}

/// Which mails to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailState {
    /// All that are kept, last first.
    Any,
    /// To be sent, next first.
    Waiting,
    /// Sent, last first.
    Sent,
    /// Given up, last first.
    Dead,
}

/// What to do with a mail that could not be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Try again from this moment on.
    At(DateTime<Utc>),
    /// Try again as if nothing had happened: the attempt does not count, because it failed for a
    /// reason that concerns every mail.
    Uncounted,
    /// Give it up; the moment is now.
    Never(DateTime<Utc>),
}

impl Store {
    /// Keeps mails to send: all or none.
    pub async fn enqueue(&self, mails: &[NewMail]) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        insert(&tx, mails).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Keeps letters to send together with the secrets that they carry.
    pub async fn enqueue_letters(&self, letters: &Letters) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        insert_letters(&tx, letters).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Keeps letters that nobody gets ([`Mail::is_decoy`]) and secrets that nobody holds. It is as
    /// much work as [`enqueue_letters`](Self::enqueue_letters), now and when a worker comes to
    /// them, so that time does not tell whether there was anybody to write to.
    pub async fn enqueue_decoys(&self, letters: &Letters) -> Result<(), StoreError> {
        let nobody = |mail: &NewMail| NewMail { to_address: NOBODY.to_owned(), ..mail.clone() };
        let mails: Vec<_> = letters.mails.iter().map(nobody).collect();
        let tx = self.begin().await?;
        for secret in &letters.secrets {
            one_time::insert_decoy(&tx, secret).await?;
        }
        insert(&tx, &mails).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Takes mails that are due, at most `limit`, so that no other worker takes them before
    /// `lease` is over.
    pub async fn lease_mails(
        &self,
        now: DateTime<Utc>,
        lease: TimeDelta,
        limit: u64,
    ) -> Result<Vec<Mail>, StoreError> {
        let select = match self.backend() {
            // The transaction holds the lock of the whole file.
            Backend::Sqlite => DUE,
            Backend::Postgres | Backend::Mysql => DUE_LOCKED,
        };
        let until = now.checked_add_signed(lease).unwrap_or(now);
        let tx = self.begin().await?;
        let values = [now.into(), now.into(), bounded(limit).into()];
        let rows = sql::all::<MailRow, _>(&tx, select, values).await?;
        for row in &rows {
            sql::execute(&tx, LEASE, [until.into(), row.id.into()]).await?;
        }
        tx.commit().await?;
        let counted = |row| {
            let mail = Mail::from(row);
            Mail { attempts: mail.attempts + 1, ..mail }
        };
        Ok(rows.into_iter().map(counted).collect())
    }

    /// Marks a mail as sent. `false`: it had been, or is gone.
    pub async fn mail_sent(&self, id: i64, now: DateTime<Utc>) -> Result<bool, StoreError> {
        Ok(sql::execute(self.writer(), SENT, [now.into(), id.into()]).await? == 1)
    }

    /// Keeps a leased mail for longer. `false`: the lease had run out and somebody else has it, or
    /// the mail needs none any more.
    pub async fn renew_mail(&self, mail: &Mail, until: DateTime<Utc>) -> Result<bool, StoreError> {
        let values = [until.into(), mail.id.into(), mail.attempts.into()];
        Ok(sql::execute(self.writer(), RENEW, values).await? == 1)
    }

    /// Puts a leased mail back, or gives it up. `false`: it was sent or given up in the meantime,
    /// or its lease ran out and somebody else has it.
    pub async fn mail_failed(
        &self,
        mail: &Mail,
        error: &str,
        retry: Retry,
    ) -> Result<bool, StoreError> {
        let (id, attempts) = (mail.id.into(), mail.attempts.into());
        let changed = match retry {
            Retry::Uncounted => {
                sql::execute(self.writer(), PUT_BACK, [error.into(), id, attempts]).await?
            }
            Retry::At(at) => {
                let values = [at.into(), error.into(), id, attempts];
                sql::execute(self.writer(), POSTPONE, values).await?
            }
            Retry::Never(now) => {
                let values = [now.into(), error.into(), id, attempts];
                sql::execute(self.writer(), BURY, values).await?
            }
        };
        Ok(changed == 1)
    }

    /// Lists mails for an administrator, at most `limit`, those to one address if one is given.
    pub async fn list_mails(
        &self,
        state: MailState,
        to: Option<&str>,
        limit: u64,
    ) -> Result<Vec<Mail>, StoreError> {
        let select = match state {
            MailState::Any => ALL,
            MailState::Waiting => WAITING,
            MailState::Sent => SENT_ONES,
            MailState::Dead => DEAD_ONES,
        };
        let to = to.unwrap_or_default().to_lowercase();
        let values = [to.clone().into(), to.into(), bounded(limit).into()];
        let rows = sql::all::<MailRow, _>(self.reader(), select, values).await?;
        Ok(rows.into_iter().map(Mail::from).collect())
    }

    /// Makes a mail that was given up, or is waiting, due at once, with all its attempts before it.
    /// `false`: it was sent, is gone, or is being delivered right now.
    pub async fn retry_mail(&self, id: i64, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let values = [now.into(), id.into(), now.into()];
        Ok(sql::execute(self.writer(), RETRY, values).await? == 1)
    }

    /// Makes every mail that was given up due at once and tells how many there were.
    pub async fn retry_dead_mails(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        Ok(sql::execute(self.writer(), RETRY_DEAD, [now.into()]).await?)
    }

    /// Forgets the mails that were sent up to a moment and tells how many there were.
    pub async fn delete_sent_mails(&self, until: DateTime<Utc>) -> Result<u64, StoreError> {
        Ok(sql::execute(self.writer(), DELETE_SENT, [until.into()]).await?)
    }
}

/// Keeps mails within the transaction that causes them.
pub(crate) async fn insert_letters<C: sql::Writer>(
    db: &C,
    letters: &Letters,
) -> Result<(), StoreError> {
    if let Some(confirmation) = &letters.confirmation {
        confirmations::insert(db, confirmation).await?;
    }
    for secret in &letters.secrets {
        one_time::insert_mailed(db, secret).await?;
    }
    insert(db, &letters.mails).await
}

pub(crate) async fn insert<C: sql::Writer>(db: &C, mails: &[NewMail]) -> Result<(), StoreError> {
    for mail in mails {
        sql::execute(db, INSERT, values(mail)).await?;
    }
    Ok(())
}

fn values(mail: &NewMail) -> [Value; 4] {
    let NewMail { to_address, payload, available_at, created_at } = mail.clone();
    [created_at.into(), to_address.into(), payload.into(), available_at.into()]
}

fn bounded(limit: u64) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
