//! `rest_auth_one_time`: what works once. Challenges of a second factor, mailed links, states of a
//! social login: only the SHA-256 of the secret is kept, and one conditional UPDATE consumes it.

use chrono::{DateTime, Days, Utc};
use sea_orm::DbErr;

use crate::entity::device::OneTimeRow;
use crate::{NewMail, Store, StoreError, outbox, sql};

macro_rules! select_one_time {
    ($rest:literal) => {
        concat!(
            r#"SELECT "id", "kind", "digest", "user_id", "epoch", "data", "attempts", "#,
            r#""created_at", "expires_at" FROM "rest_auth_one_time" WHERE "#,
            $rest
        )
    };
}

const INSERT: &str = r#"INSERT INTO "rest_auth_one_time" ("kind", "digest", "user_id", "epoch",
    "data", "attempts", "created_at", "expires_at") VALUES (?, ?, ?, ?, ?, 0, ?, ?)"#;
const FIND: &str = select_one_time!(
    r#""digest" = ? AND "kind" = ? AND "consumed_at" IS NULL AND "expires_at" > ?"#
);
const OF_USER: &str = select_one_time!(
    r#""user_id" = ? AND "kind" = ? AND "consumed_at" IS NULL AND "expires_at" > ?
    ORDER BY "id" DESC"#
);
const CONSUME: &str = r#"UPDATE "rest_auth_one_time" SET "consumed_at" = ?
    WHERE "id" = ? AND "consumed_at" IS NULL AND "expires_at" > ?"#;
const REVOKE: &str = r#"UPDATE "rest_auth_one_time" SET "consumed_at" = ?
    WHERE "id" = ? AND "kind" = ? AND "consumed_at" IS NULL AND "expires_at" > ?"#;
const LIST: &str =
    select_one_time!(r#""kind" = ? AND "consumed_at" IS NULL AND "expires_at" > ? ORDER BY "id""#);
const ATTEMPT: &str = r#"UPDATE "rest_auth_one_time" SET "attempts" = "attempts" + 1
    WHERE "id" = ? AND "attempts" < ? AND "consumed_at" IS NULL AND "expires_at" > ?"#;
const RETURN_ATTEMPT: &str = r#"UPDATE "rest_auth_one_time" SET "attempts" = "attempts" - 1
    WHERE "id" = ? AND "attempts" > 0 AND "consumed_at" IS NULL"#;
const DECOY_ATTEMPT: &str =
    r#"UPDATE "rest_auth_one_time" SET "attempts" = "attempts" + 1 WHERE "digest" = 'decoy'"#;
const DISCARD_ABOUT: &str = r#"UPDATE "rest_auth_one_time" SET "consumed_at" = ?
    WHERE "user_id" = ? AND "kind" = ? AND "data" = ? AND "consumed_at" IS NULL"#;
const DISCARD: &str = r#"UPDATE "rest_auth_one_time" SET "consumed_at" = ?
    WHERE "user_id" = ? AND "kind" = ? AND "consumed_at" IS NULL"#;
const DELETE_EXPIRED: &str = r#"DELETE FROM "rest_auth_one_time" WHERE "expires_at" <= ?"#;

/// The one row that stands for all secrets that do not exist. No digest is this text.
const DECOY: &str = "decoy";
/// A thousand years.
const FOR_EVER: Days = Days::new(365_250);

/// A secret to keep.
#[derive(Clone, Debug)]
pub struct NewOneTime {
    /// What it is good for; at most 40 characters. A secret of one kind is none of another.
    pub kind: String,
    /// SHA-256 of the secret in hexadecimal.
    pub digest: String,
    /// Whose it is, if anybody's yet.
    pub user_id: Option<i64>,
    /// The user's epoch at this moment.
    pub epoch: i64,
    /// What the holder may do with it, in a form of the caller's.
    pub data: String,
    /// When it is issued.
    pub created_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// A secret that goes out with a letter.
#[derive(Clone, Debug)]
pub struct MailedSecret {
    /// The secret. It belongs to a user.
    pub secret: NewOneTime,
    /// What becomes of those before it.
    pub earlier: Earlier,
}

/// What becomes of the secrets of the same user, kind and data that were issued before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Earlier {
    /// They go on working.
    Stay,
    /// They end.
    End,
}

/// A secret that is kept and has not been consumed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneTime {
    /// The primary key.
    pub id: i64,
    /// What it is good for.
    pub kind: String,
    /// The digest of the secret.
    pub digest: String,
    /// Whose it is, if anybody's yet.
    pub user_id: Option<i64>,
    /// The user's epoch when it was issued.
    pub epoch: i64,
    /// What the caller put there.
    pub data: String,
    /// How often somebody has tried.
    pub attempts: i64,
    /// When it was issued.
    pub created_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

impl Store {
    /// Keeps a secret and returns its primary key.
    ///
    /// # Errors
    /// `Taken(Token)` when the digest exists.
    pub async fn insert_one_time(&self, new: &NewOneTime) -> Result<i64, StoreError> {
        Ok(insert(self.writer(), new).await?)
    }

    /// Keeps a secret and puts the letter that carries it into the outbox: both or neither.
    ///
    /// # Errors
    /// `Taken(Token)` when the digest exists.
    pub async fn insert_one_time_with_mail(
        &self,
        new: &NewOneTime,
        letters: &[NewMail],
    ) -> Result<i64, StoreError> {
        let tx = self.begin().await?;
        let id = insert(&tx, new).await?;
        outbox::insert(&tx, letters).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// The secrets of a kind that a user holds and that still work, newest first.
    pub async fn one_times_of(
        &self,
        user_id: i64,
        kind: &str,
        now: DateTime<Utc>,
    ) -> Result<Vec<OneTime>, StoreError> {
        let values = [user_id.into(), kind.into(), now.into()];
        let rows = sql::all::<OneTimeRow, _>(self.reader(), OF_USER, values).await?;
        Ok(rows.into_iter().map(OneTime::from).collect())
    }

    /// Finds a secret that still works, without consuming it.
    pub async fn one_time(
        &self,
        kind: &str,
        digest: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<OneTime>, StoreError> {
        let values = [digest.into(), kind.into(), now.into()];
        let row = sql::one::<OneTimeRow, _>(self.reader(), FIND, values).await?;
        Ok(row.map(OneTime::from))
    }

    /// Consumes a secret. Of any number that race, exactly one is told `true`.
    pub async fn consume_one_time(&self, id: i64, now: DateTime<Utc>) -> Result<bool, StoreError> {
        Ok(consume(self.writer(), id, now).await?)
    }

    /// The secrets of a kind that still work, oldest first.
    pub async fn one_times(
        &self,
        kind: &str,
        now: DateTime<Utc>,
    ) -> Result<Vec<OneTime>, StoreError> {
        let rows = sql::all::<OneTimeRow, _>(self.reader(), LIST, [kind.into(), now.into()]);
        Ok(rows.await?.into_iter().map(OneTime::from).collect())
    }

    /// Consumes a secret of a kind without using it. `false`: there was none that still worked.
    pub async fn revoke_one_time(
        &self,
        kind: &str,
        id: i64,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let values = [now.into(), id.into(), kind.into(), now.into()];
        Ok(sql::execute(self.writer(), REVOKE, values).await? == 1)
    }

    /// Counts an attempt, to be called before it is judged. `false`: there were `limit` already,
    /// or the secret no longer works.
    pub async fn spend_attempt(
        &self,
        id: i64,
        limit: i64,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let values = [id.into(), limit.into(), now.into()];
        Ok(sql::execute(self.writer(), ATTEMPT, values).await? == 1)
    }

    /// Takes a counted attempt back: the secret was right and something else was wrong.
    pub async fn return_attempt(&self, id: i64) -> Result<bool, StoreError> {
        Ok(sql::execute(self.writer(), RETURN_ATTEMPT, [id.into()]).await? == 1)
    }

    /// Counts an attempt at a secret that does not exist: a write like that of
    /// [`spend_attempt`](Self::spend_attempt), so that time does not tell whether there is one.
    pub async fn spend_decoy_attempt(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        if sql::execute(self.writer(), DECOY_ATTEMPT, []).await? > 0 {
            return Ok(());
        }
        let decoy = NewOneTime {
            kind: DECOY.to_owned(),
            digest: DECOY.to_owned(),
            user_id: None,
            epoch: 0,
            data: String::new(),
            created_at: now,
            expires_at: now.checked_add_days(FOR_EVER).unwrap_or(now),
        };
        match self.insert_one_time(&decoy).await {
            // Somebody else was faster.
            Err(StoreError::Taken(_)) => Ok(()),
            other => other.map(drop),
        }
    }

    /// Consumes all secrets of a kind that a user has, and tells how many.
    pub async fn discard_one_times_of(
        &self,
        user_id: i64,
        kind: &str,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let values = [now.into(), user_id.into(), kind.into()];
        Ok(sql::execute(self.writer(), DISCARD, values).await?)
    }

    /// Forgets the secrets that have ended and tells how many there were.
    pub async fn delete_expired_one_times(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        Ok(sql::execute(self.writer(), DELETE_EXPIRED, [now.into()]).await?)
    }
}

/// Keeps a secret.
async fn insert<C: sql::Writer>(db: &C, new: &NewOneTime) -> Result<i64, DbErr> {
    let NewOneTime { kind, digest, user_id, epoch, data, created_at, expires_at } = new.clone();
    let values = [
        kind.into(),
        digest.into(),
        user_id.into(),
        epoch.into(),
        data.into(),
        created_at.into(),
        expires_at.into(),
    ];
    sql::insert(db, INSERT, values).await
}

/// Keeps a secret within the transaction that writes its letter.
pub(crate) async fn insert_mailed<C: sql::Writer>(
    db: &C,
    mailed: &MailedSecret,
) -> Result<(), DbErr> {
    end_earlier(db, mailed).await?;
    insert(db, &mailed.secret).await?;
    Ok(())
}

/// Keeps a secret that nobody holds and that has ended, with as much work as for another.
pub(crate) async fn insert_decoy<C: sql::Writer>(
    db: &C,
    mailed: &MailedSecret,
) -> Result<(), DbErr> {
    end_earlier(db, mailed).await?;
    let expires_at = mailed.secret.created_at;
    insert(db, &NewOneTime { user_id: None, expires_at, ..mailed.secret.clone() }).await?;
    Ok(())
}

/// Ends the secrets that a new one takes the place of.
async fn end_earlier<C: sql::Writer>(db: &C, mailed: &MailedSecret) -> Result<(), DbErr> {
    let MailedSecret { secret, earlier } = mailed;
    if let (Earlier::End, Some(user_id)) = (earlier, secret.user_id) {
        let about = (user_id, secret.kind.as_str(), secret.data.as_str());
        discard_about(db, about, secret.created_at).await?;
    }
    Ok(())
}

/// Consumes what a user holds of a kind with the same data.
pub(crate) async fn discard_about<C: sql::Writer>(
    db: &C,
    (user_id, kind, data): (i64, &str, &str),
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    let values = [now.into(), user_id.into(), kind.into(), data.into()];
    sql::execute(db, DISCARD_ABOUT, values).await
}

/// Consumes a secret, within a transaction or as one of its own.
pub(crate) async fn consume<C: sql::Writer>(
    db: &C,
    id: i64,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    Ok(sql::execute(db, CONSUME, [now.into(), id.into(), now.into()]).await? == 1)
}
