//! `rest_auth_trusted_browser`: browsers that are not asked for the second factor.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _, QueryOrder as _,
};

use crate::device_tokens::TokenClient;
use crate::entity::rest_auth_trusted_browser::{ActiveModel, Column, Entity, Model};
use crate::{Store, StoreError};

/// A browser to trust.
#[derive(Clone, Debug)]
pub struct NewTrustedBrowser {
    /// SHA-256 of its cookie in hexadecimal.
    pub digest: String,
    /// The user.
    pub user_id: i64,
    /// The user's epoch at this moment.
    pub epoch: i64,
    /// SHA-256 of the hash of the user's password, in hexadecimal: Django changes passwords without
    /// raising the epoch.
    pub password: String,
    /// When it is trusted.
    pub created_at: DateTime<Utc>,
    /// When the trust ends.
    pub expires_at: DateTime<Utc>,
    /// The browser.
    pub client: TokenClient,
}

/// A browser that is trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedBrowser {
    /// The primary key.
    pub id: i64,
    /// SHA-256 of its cookie in hexadecimal.
    pub digest: String,
    /// The user.
    pub user_id: i64,
    /// The user's epoch when it was trusted.
    pub epoch: i64,
    /// SHA-256 of the hash of the user's password at that moment.
    pub password: String,
    /// When it was trusted.
    pub created_at: DateTime<Utc>,
    /// When it last spared its user the second factor.
    pub last_seen_at: DateTime<Utc>,
    /// When the trust ends.
    pub expires_at: DateTime<Utc>,
    /// The browser.
    pub client: TokenClient,
}

impl From<Model> for TrustedBrowser {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            digest: row.digest,
            user_id: row.user_id,
            epoch: row.epoch,
            password: row.password,
            created_at: row.created_at.0,
            last_seen_at: row.last_seen_at.0,
            expires_at: row.expires_at.0,
            client: TokenClient { user_agent: row.user_agent, ip: row.ip },
        }
    }
}

impl Store {
    /// Trusts a browser.
    ///
    /// # Errors
    /// `Taken(Token)` when the digest exists.
    pub async fn trust_browser(&self, new: &NewTrustedBrowser) -> Result<(), StoreError> {
        let NewTrustedBrowser { digest, user_id, epoch, password, created_at, expires_at, client } =
            new.clone();
        let (user_agent, ip) = client.cut();
        let row = Entity::insert(ActiveModel {
            id: NotSet,
            digest: Set(digest),
            user_id: Set(user_id),
            epoch: Set(epoch),
            password: Set(password),
            created_at: Set(created_at.into()),
            last_seen_at: Set(created_at.into()),
            expires_at: Set(expires_at.into()),
            user_agent: Set(user_agent),
            ip: Set(ip),
        });
        row.exec_without_returning(self.writer()).await?;
        Ok(())
    }

    /// The browser of a cookie that a user trusts, unless the trust has ended. The caller checks
    /// the epoch and the password.
    pub async fn trusted_browser(
        &self,
        digest: &str,
        user_id: i64,
        now: DateTime<Utc>,
    ) -> Result<Option<TrustedBrowser>, StoreError> {
        let row = Entity::find()
            .filter(Column::Digest.eq(digest))
            .filter(Column::UserId.eq(user_id))
            .filter(Column::ExpiresAt.gt(now));
        Ok(row.one(self.reader()).await?.map(TrustedBrowser::from))
    }

    /// The browsers that a user trusts, oldest first.
    pub async fn trusted_browsers_of(
        &self,
        user_id: i64,
        now: DateTime<Utc>,
    ) -> Result<Vec<TrustedBrowser>, StoreError> {
        let rows = Entity::find()
            .filter(Column::UserId.eq(user_id))
            .filter(Column::ExpiresAt.gt(now))
            .order_by_asc(Column::Id);
        let rows = rows.all(self.reader()).await?;
        Ok(rows.into_iter().map(TrustedBrowser::from).collect())
    }

    /// Records that a browser spared its user the second factor. `false`: it is not trusted.
    pub async fn touch_trusted_browser(
        &self,
        id: i64,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let seen = ActiveModel { last_seen_at: Set(at.into()), ..Default::default() };
        let row = Entity::update_many().set(seen).filter(Column::Id.eq(id));
        Ok(row.exec(self.writer()).await?.rows_affected == 1)
    }

    /// Forgets one browser of a user. `false`: the user trusts no such browser.
    pub async fn forget_trusted_browser(&self, user_id: i64, id: i64) -> Result<bool, StoreError> {
        let row = Entity::delete_by_id(id).filter(Column::UserId.eq(user_id));
        Ok(row.exec(self.writer()).await?.rows_affected == 1)
    }

    /// Forgets all browsers of a user and returns how many there were.
    pub async fn forget_trusted_browsers_of(&self, user_id: i64) -> Result<u64, StoreError> {
        Ok(forget_of(self.writer(), user_id).await?)
    }

    /// Deletes browsers whose trust has ended and returns how many there were.
    pub async fn delete_expired_trusted_browsers(
        &self,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let rows = Entity::delete_many().filter(Column::ExpiresAt.lte(now));
        Ok(rows.exec(self.writer()).await?.rows_affected)
    }
}

/// Forgets all browsers of a user and returns how many there were.
pub(crate) async fn forget_of<C: ConnectionTrait>(db: &C, user_id: i64) -> Result<u64, DbErr> {
    let rows = Entity::delete_many().filter(Column::UserId.eq(user_id));
    Ok(rows.exec(db).await?.rows_affected)
}
