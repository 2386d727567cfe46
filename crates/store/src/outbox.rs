//! `rest_auth_outbox`: mails to deliver.
//!
//! A mail is written in the transaction that caused it and sent by a worker, so that no request
//! waits for SMTP and no crash loses a mail. A worker leases mails for a while; one whose lease
//! runs out, because its worker died, is leased again. Delivery is therefore at least once.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, Func, LockBehavior, LockType};
use sea_orm::{
    ColumnTrait as _, DbErr, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    QueryTrait as _,
};

use crate::connection::Transaction;
use crate::entity::rest_auth_outbox::{ActiveModel, Column, Entity, Model};
use crate::write::Commit;
use crate::{Store, StoreError};

/// The address of decoy mails.
pub(crate) const NOBODY: &str = "";

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

/// A mail that is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// The primary key.
    pub id: i64,
    /// The one recipient.
    pub to_address: String,
    /// What the mail crate needs to write it. It may hold a link, hence no `Debug`.
    pub payload: String,
    /// The number of leases, including this one.
    pub attempts: i64,
    /// When it was caused.
    pub created_at: DateTime<Utc>,
    /// Not to be sent before.
    pub available_at: DateTime<Utc>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// The end of the lease.
    pub leased_until: Option<DateTime<Utc>>,
    /// When it was sent.
    pub sent_at: Option<DateTime<Utc>>,
    /// When it was given up.
    pub dead_at: Option<DateTime<Utc>>,
}

impl Mail {
    /// Whether it is a decoy, which is stored and never sent so that response times are equal.
    #[must_use]
    pub fn is_decoy(&self) -> bool {
        self.to_address == NOBODY
    }
}

/// Which mails to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailState {
    /// All, newest first.
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

impl From<Model> for Mail {
    fn from(row: Model) -> Self {
        let Model {
            id,
            created_at,
            to_address,
            payload,
            available_at,
            leased_until,
            attempts,
            last_error,
            sent_at,
            dead_at,
        } = row;
        Self {
            id,
            to_address,
            payload,
            attempts,
            created_at: created_at.0,
            available_at: available_at.0,
            last_error,
            leased_until: leased_until.map(|time| time.0),
            sent_at: sent_at.map(|time| time.0),
            dead_at: dead_at.map(|time| time.0),
        }
    }
}

impl Store {
    /// Takes mails that are due, at most `limit`, so that no other worker takes them before
    /// `lease` is over.
    pub async fn lease_mails(
        &self,
        now: DateTime<Utc>,
        lease: TimeDelta,
        limit: u64,
    ) -> Result<Vec<Mail>, StoreError> {
        let until = now.checked_add_signed(lease).unwrap_or(now);
        self.write(|tx| async move {
            let due = Entity::find()
                .filter(waiting().add(Column::AvailableAt.lte(now)).add(unleased(now)))
                .order_by_asc(Column::AvailableAt)
                .order_by_asc(Column::Id)
                .limit(bounded(limit))
                .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
            let rows = due.all(&tx).await?;
            for row in &rows {
                let leased = Entity::update_many()
                    .col_expr(Column::LeasedUntil, Expr::val(until))
                    .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1));
                leased.filter(Column::Id.eq(row.id)).exec(&tx).await?;
            }
            let counted = |row| {
                let mail = Mail::from(row);
                Mail { attempts: mail.attempts + 1, ..mail }
            };
            Ok(Commit(rows.into_iter().map(counted).collect()))
        })
        .await
    }

    /// Marks a mail as sent and replaces its content by `remains`, in one statement: a link that
    /// was sent must not stay in the database. `false`: it had been, or is gone.
    pub async fn mail_sent(
        &self,
        id: i64,
        remains: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let sent = ActiveModel {
            payload: Set(remains.to_owned()),
            sent_at: Set(Some(now.into())),
            leased_until: Set(None),
            last_error: Set(None),
            ..Default::default()
        };
        let mail = Column::Id.eq(id).and(Column::SentAt.is_null());
        let row = Entity::update_many().set(sent).filter(mail);
        Ok(row.exec(self.writer()).await?.rows_affected == 1)
    }

    /// Renews a lease. `false`: it has run out and another worker has the mail, or the mail needs
    /// no lease any more.
    pub async fn renew_mail(&self, mail: &Mail, until: DateTime<Utc>) -> Result<bool, StoreError> {
        let renewed = ActiveModel { leased_until: Set(Some(until.into())), ..Default::default() };
        let row = Entity::update_many().set(renewed).filter(leased(mail));
        Ok(row.exec(self.writer()).await?.rows_affected == 1)
    }

    /// Puts a leased mail back, or gives it up. `false`: it was sent or given up in the meantime,
    /// or its lease ran out and another worker has it.
    pub async fn mail_failed(
        &self,
        mail: &Mail,
        error: &str,
        retry: Retry,
    ) -> Result<bool, StoreError> {
        let put_back = ActiveModel {
            leased_until: Set(None),
            last_error: Set(Some(error.to_owned())),
            ..Default::default()
        };
        let put_back = match retry {
            Retry::At(at) => ActiveModel { available_at: Set(at.into()), ..put_back },
            Retry::Uncounted => ActiveModel { attempts: Set(mail.attempts - 1), ..put_back },
            Retry::Never(now) => ActiveModel { dead_at: Set(Some(now.into())), ..put_back },
        };
        let row = Entity::update_many().set(put_back).filter(leased(mail));
        Ok(row.exec(self.writer()).await?.rows_affected == 1)
    }

    /// Lists mails for an administrator, at most `limit`, those to one address if one is given.
    pub async fn list_mails(
        &self,
        state: MailState,
        to: Option<&str>,
        limit: u64,
    ) -> Result<Vec<Mail>, StoreError> {
        // Decoy mails are left out of listings.
        let mails = Entity::find().filter(Column::ToAddress.ne(NOBODY));
        let mails = mails.apply_if(to, |mails, to| {
            let address = Func::lower(Expr::col(Column::ToAddress));
            mails.filter(Expr::expr(address).eq(to.to_lowercase()))
        });
        let mails = match state {
            MailState::Any => mails,
            MailState::Waiting => {
                mails.filter(waiting()).order_by_asc(Column::AvailableAt).order_by_asc(Column::Id)
            }
            MailState::Sent => mails.filter(Column::SentAt.is_not_null()),
            MailState::Dead => mails.filter(dead()),
        };
        // Waiting mails are in order already.
        let rows = mails.order_by_desc(Column::Id).limit(bounded(limit)).all(self.reader()).await?;
        Ok(rows.into_iter().map(Mail::from).collect())
    }

    /// Makes a mail that was given up, or is waiting, due at once, and resets its attempts.
    /// `false`: it was sent, is gone, or is being delivered right now.
    pub async fn retry_mail(&self, id: i64, now: DateTime<Utc>) -> Result<bool, StoreError> {
        // A mail that is being delivered is skipped, because it would be sent twice.
        let mail = Condition::all()
            .add(Column::Id.eq(id))
            .add(Column::SentAt.is_null())
            .add(unleased(now));
        let row = Entity::update_many().set(anew(now)).filter(mail);
        Ok(row.exec(self.writer()).await?.rows_affected == 1)
    }

    /// Makes every mail that was given up due at once and returns how many there were.
    pub async fn retry_dead_mails(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let rows = Entity::update_many().set(anew(now)).filter(dead());
        Ok(rows.exec(self.writer()).await?.rows_affected)
    }

    /// Deletes the mails that were sent up to a moment and returns how many there were.
    pub async fn delete_sent_mails(&self, until: DateTime<Utc>) -> Result<u64, StoreError> {
        let rows = Entity::delete_many().filter(Column::SentAt.lte(until));
        Ok(rows.exec(self.writer()).await?.rows_affected)
    }
}

/// Mails that are neither sent nor given up.
fn waiting() -> Condition {
    Condition::all().add(Column::SentAt.is_null()).add(Column::DeadAt.is_null())
}

/// Mails that were given up.
fn dead() -> Condition {
    Condition::all().add(Column::SentAt.is_null()).add(Column::DeadAt.is_not_null())
}

/// Mails without a lease in force.
fn unleased(now: DateTime<Utc>) -> Condition {
    Condition::any().add(Column::LeasedUntil.is_null()).add(Column::LeasedUntil.lte(now))
}

/// The mail, while this worker holds its lease. Each lease raises the number of attempts, which
/// therefore identifies it: a worker whose lease has run out cannot change a mail that another
/// worker has leased.
fn leased(mail: &Mail) -> Condition {
    waiting()
        .add(Column::Id.eq(mail.id))
        .add(Column::Attempts.eq(mail.attempts))
        .add(Column::LeasedUntil.is_not_null())
}

/// Due at once, with no attempts counted.
fn anew(now: DateTime<Utc>) -> ActiveModel {
    ActiveModel {
        available_at: Set(now.into()),
        dead_at: Set(None),
        leased_until: Set(None),
        attempts: Set(0),
        ..Default::default()
    }
}

/// Stores mails within the transaction that causes them.
pub(crate) async fn insert(tx: &Transaction, mails: &[NewMail]) -> Result<(), DbErr> {
    for mail in mails {
        Entity::insert(active(mail)).exec_without_returning(tx).await?;
    }
    Ok(())
}

fn active(mail: &NewMail) -> ActiveModel {
    let NewMail { to_address, payload, available_at, created_at } = mail.clone();
    ActiveModel {
        id: NotSet,
        created_at: Set(created_at.into()),
        to_address: Set(to_address),
        payload: Set(payload),
        available_at: Set(available_at.into()),
        leased_until: Set(None),
        attempts: Set(0),
        last_error: Set(None),
        sent_at: Set(None),
        dead_at: Set(None),
    }
}

/// What every driver takes: PostgreSQL and SQLite have no larger number.
fn bounded(limit: u64) -> u64 {
    Ord::min(limit, i64::MAX.unsigned_abs())
}
