//! `rest_auth_one_time`: secrets that work once. Challenges of a second factor, mailed links,
//! states of a social login: only the SHA-256 of the secret is kept, and one conditional UPDATE
//! consumes it.

use chrono::{DateTime, Days, Utc};
use rest_auth_domain::opaque_token::digest_of;
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    Select,
};

use crate::entity::auth_user;
use crate::entity::rest_auth_one_time::{ActiveModel, Column, Entity, Model};
use crate::{FromUserRow, Store, StoreError, with_user};

/// The digest of the one decoy row, which no real digest is, and the kind of others.
const DECOY: &str = "decoy";
/// A thousand years.
const FOR_EVER: Days = Days::new(365_250);

/// A secret to keep.
#[derive(Clone, Debug)]
pub struct NewOneTime {
    /// Its kind, at most 40 characters. A secret works for its own kind only.
    pub kind: String,
    /// SHA-256 of the secret in hexadecimal.
    pub digest: String,
    /// The owner's user id, if there is one.
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

/// A secret that is sent in a mail.
#[derive(Clone, Debug)]
pub struct MailedSecret {
    /// The secret. It belongs to a user.
    pub secret: NewOneTime,
    /// Whether earlier ones end.
    pub earlier: Earlier,
}

/// Whether earlier secrets of the same user, kind and data end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Earlier {
    /// Earlier secrets stay valid.
    Stay,
    /// Earlier secrets end.
    End,
}

/// A secret that is kept and has not been consumed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneTime {
    /// The primary key.
    pub id: i64,
    /// Its purpose.
    pub kind: String,
    /// The digest of the secret.
    pub digest: String,
    /// The owner's user id, if there is one.
    pub user_id: Option<i64>,
    /// The user's epoch when it was issued.
    pub epoch: i64,
    /// What the caller put there.
    pub data: String,
    /// The number of attempts.
    pub attempts: i64,
    /// When it was issued.
    pub created_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

impl From<Model> for OneTime {
    fn from(row: Model) -> Self {
        let Model {
            id,
            kind,
            digest,
            user_id,
            epoch,
            data,
            attempts,
            created_at,
            expires_at,
            consumed_at: _,
        } = row;
        Self {
            id,
            kind,
            digest,
            user_id,
            epoch,
            data,
            attempts,
            created_at: created_at.0,
            expires_at: expires_at.0,
        }
    }
}

impl Store {
    /// Keeps a secret and returns its primary key.
    ///
    /// # Errors
    /// `Taken(Token)` when the digest exists.
    pub async fn insert_one_time(&self, new: &NewOneTime) -> Result<i64, StoreError> {
        Ok(insert(self.writer(), new).await?)
    }

    /// The secrets of a kind that a user holds and that still work, newest first.
    pub async fn one_times_of(
        &self,
        user_id: i64,
        kind: &str,
        now: DateTime<Utc>,
    ) -> Result<Vec<OneTime>, StoreError> {
        let of_user = working(kind, now).filter(Column::UserId.eq(user_id));
        let rows = of_user.order_by_desc(Column::Id).all(self.reader()).await?;
        Ok(rows.into_iter().map(OneTime::from).collect())
    }

    /// Finds a secret that still works, without consuming it.
    pub async fn one_time(
        &self,
        kind: &str,
        digest: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<OneTime>, StoreError> {
        let secret = working(kind, now).filter(Column::Digest.eq(digest));
        Ok(secret.one(self.reader()).await?.map(OneTime::from))
    }

    /// As [`one_time`](Self::one_time), together with its owner as they are now; none if it has no
    /// owner or they were deleted.
    pub async fn one_time_with_owner<U: FromUserRow>(
        &self,
        kind: &str,
        digest: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<(OneTime, Option<U>)>, StoreError> {
        let secret = working(kind, now).filter(Column::Digest.eq(digest));
        let secret = secret.find_also_related(auth_user::Entity);
        let found = with_user::one(self, secret).await?;
        Ok(found.map(|(row, owner)| (row.into(), owner)))
    }

    /// Consumes a secret. Of any number of concurrent calls exactly one returns `true`.
    pub async fn consume_one_time(&self, id: i64, now: DateTime<Utc>) -> Result<bool, StoreError> {
        Ok(consume(self.writer(), id, now).await?)
    }

    /// The secrets of a kind that still work, oldest first.
    pub async fn one_times(
        &self,
        kind: &str,
        now: DateTime<Utc>,
    ) -> Result<Vec<OneTime>, StoreError> {
        let rows = working(kind, now).order_by_asc(Column::Id).all(self.reader()).await?;
        Ok(rows.into_iter().map(OneTime::from).collect())
    }

    /// Consumes a secret of a kind without using it. `false`: there was none that still worked.
    pub async fn revoke_one_time(
        &self,
        kind: &str,
        id: i64,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let secret = unconsumed().add(Column::Id.eq(id)).add(Column::Kind.eq(kind));
        Ok(mark_consumed(self.writer(), secret.add(Column::ExpiresAt.gt(now)), now).await? == 1)
    }

    /// Counts an attempt. Call it before the attempt is checked. `false`: there were `limit`
    /// already, or the secret no longer works.
    pub async fn count_attempt(
        &self,
        id: i64,
        limit: i64,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let secret = unconsumed().add(Column::Id.eq(id)).add(Column::ExpiresAt.gt(now));
        Ok(self.add_attempts(secret.add(Column::Attempts.lt(limit)), 1).await? == 1)
    }

    /// Takes a counted attempt back: the secret was right and something else was wrong.
    pub async fn return_attempt(&self, id: i64) -> Result<bool, StoreError> {
        let secret = unconsumed().add(Column::Id.eq(id)).add(Column::Attempts.gt(0));
        Ok(self.add_attempts(secret, -1).await? == 1)
    }

    /// Counts an attempt at a secret that does not exist: a write like that of
    /// [`count_attempt`](Self::count_attempt), so that time does not tell whether there is one.
    pub async fn count_decoy_attempt(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let decoys = Condition::all().add(Column::Digest.eq(DECOY));
        if self.add_attempts(decoys, 1).await? > 0 {
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
            // Another request was faster.
            Err(StoreError::Taken(_)) => Ok(()),
            other => other.map(drop),
        }
    }

    /// Deletes a secret, so that its digest can be kept again.
    pub async fn delete_one_time(&self, id: i64) -> Result<(), StoreError> {
        Entity::delete_by_id(id).exec(self.writer()).await?;
        Ok(())
    }

    /// Deletes the secrets that have ended and returns how many there were.
    pub async fn delete_expired_one_times(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let ended = Entity::delete_many().filter(Column::ExpiresAt.lte(now));
        Ok(ended.exec(self.writer()).await?.rows_affected)
    }

    async fn add_attempts(&self, secrets: Condition, by: i64) -> Result<u64, DbErr> {
        let counted = Expr::col(Column::Attempts).add(by);
        let rows = Entity::update_many().col_expr(Column::Attempts, counted).filter(secrets);
        Ok(rows.exec(self.writer()).await?.rows_affected)
    }
}

/// Secrets that nobody has consumed.
fn unconsumed() -> Condition {
    Condition::all().add(Column::ConsumedAt.is_null())
}

/// The secrets of a kind that still work.
fn working(kind: &str, now: DateTime<Utc>) -> Select<Entity> {
    let secrets = Entity::find().filter(Column::Kind.eq(kind));
    secrets.filter(unconsumed()).filter(Column::ExpiresAt.gt(now))
}

/// Consumes secrets and tells how many.
async fn mark_consumed<C: ConnectionTrait>(
    db: &C,
    secrets: Condition,
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    let consumed = ActiveModel { consumed_at: Set(Some(now.into())), ..Default::default() };
    let rows = Entity::update_many().set(consumed).filter(secrets);
    Ok(rows.exec(db).await?.rows_affected)
}

/// Keeps a secret.
pub(crate) async fn insert<C: ConnectionTrait>(db: &C, new: &NewOneTime) -> Result<i64, DbErr> {
    let NewOneTime { kind, digest, user_id, epoch, data, created_at, expires_at } = new.clone();
    let row = Entity::insert(ActiveModel {
        id: NotSet,
        kind: Set(kind),
        digest: Set(digest),
        user_id: Set(user_id),
        epoch: Set(epoch),
        data: Set(data),
        attempts: Set(0),
        created_at: Set(created_at.into()),
        expires_at: Set(expires_at.into()),
        consumed_at: Set(None),
    });
    Ok(row.exec(db).await?.last_insert_id)
}

/// Keeps a secret within the transaction that writes its mail.
pub(crate) async fn insert_mailed<C: ConnectionTrait>(
    db: &C,
    mailed: &MailedSecret,
) -> Result<(), DbErr> {
    end_earlier(db, mailed).await?;
    insert(db, &mailed.secret).await?;
    Ok(())
}

/// Stores a decoy secret that has ended, with the work of a real one.
pub(crate) async fn insert_decoy<C: ConnectionTrait>(
    db: &C,
    mailed: &MailedSecret,
) -> Result<(), DbErr> {
    end_earlier(db, mailed).await?;
    let expires_at = mailed.secret.created_at;
    insert(db, &NewOneTime { user_id: None, expires_at, ..mailed.secret.clone() }).await?;
    Ok(())
}

/// Stores a decoy of a secret that has ended: the work of a secret that another table keeps.
pub(crate) async fn insert_ended<C: ConnectionTrait>(
    db: &C,
    secret: &str,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let decoy = NewOneTime {
        kind: DECOY.to_owned(),
        digest: digest_of(secret),
        user_id: None,
        epoch: 0,
        data: String::new(),
        created_at: at,
        expires_at: at,
    };
    insert(db, &decoy).await?;
    Ok(())
}

/// Ends the secrets that a new one takes the place of.
async fn end_earlier<C: ConnectionTrait>(db: &C, mailed: &MailedSecret) -> Result<(), DbErr> {
    let MailedSecret { secret, earlier } = mailed;
    if let (Earlier::End, Some(user_id)) = (earlier, secret.user_id) {
        discard_about(db, user_id, &secret.kind, &secret.data, secret.created_at).await?;
    }
    Ok(())
}

/// Consumes a user's secrets of a kind with the same data.
pub(crate) async fn discard_about<C: ConnectionTrait>(
    db: &C,
    user_id: i64,
    kind: &str,
    data: &str,
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    let held = unconsumed().add(Column::UserId.eq(user_id)).add(Column::Kind.eq(kind));
    mark_consumed(db, held.add(Column::Data.eq(data)), now).await
}

/// Consumes a user's secrets of some kinds.
pub(crate) async fn discard_kinds<C: ConnectionTrait>(
    db: &C,
    user_id: i64,
    kinds: &[&str],
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    let held = unconsumed().add(Column::UserId.eq(user_id));
    mark_consumed(db, held.add(Column::Kind.is_in(kinds.iter().copied())), now).await
}

/// Consumes a secret, within a transaction or as one of its own.
pub(crate) async fn consume<C: ConnectionTrait>(
    db: &C,
    id: i64,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let secret = unconsumed().add(Column::Id.eq(id)).add(Column::ExpiresAt.gt(now));
    Ok(mark_consumed(db, secret, now).await? == 1)
}
