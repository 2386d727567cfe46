//! `rest_auth_token`: opaque tokens, one per device, of which only the SHA-256 is kept.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QueryTrait as _, SelectTwo,
};

use crate::entity::auth_user;
use crate::entity::rest_auth_token::{ActiveModel, Column, Entity, Model};
use crate::prepared::PreparedQuery;
use crate::time::DjangoTime;
use crate::{Store, StoreError, User, with_user};

/// The token of a digest.
static BY_DIGEST: PreparedQuery<SelectTwo<Entity, auth_user::Entity>, 1> =
    PreparedQuery::new(|[digest]| {
        Entity::find().filter(Column::Digest.eq(digest)).find_also_related(auth_user::Entity)
    });

/// The software that a credential was issued to, as it presented itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenClient {
    /// The header `User-Agent`; 200 characters are kept.
    pub user_agent: String,
    /// The address as text; 45 characters are kept.
    pub ip: String,
}

impl TokenClient {
    /// The parts, cut to their columns.
    pub(crate) fn cut(&self) -> (String, String) {
        let Self { user_agent, ip } = self;
        (user_agent.chars().take(200).collect(), ip.chars().take(45).collect())
    }
}

/// A token to keep.
#[derive(Clone, Debug)]
pub struct NewDeviceToken {
    /// SHA-256 of the token in hexadecimal.
    pub digest: String,
    /// The owner's user id.
    pub user_id: i64,
    /// The user's epoch at this moment.
    pub epoch: i64,
    /// When it is issued.
    pub created_at: DateTime<Utc>,
    /// When it ends; never, if absent.
    pub expires_at: Option<DateTime<Utc>>,
    /// The client that it is issued to.
    pub client: TokenClient,
    /// The login that it is handed out by, at most 32 characters; none if it comes from elsewhere.
    pub login: Option<String>,
    /// What was proven, as JSON.
    pub evidence: Option<String>,
}

/// A token that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceToken {
    /// The primary key.
    pub id: i64,
    /// SHA-256 of the token in hexadecimal.
    pub digest: String,
    /// The owner's user id.
    pub user_id: i64,
    /// The user's epoch when it was issued.
    pub epoch: i64,
    /// When it was issued.
    pub created_at: DateTime<Utc>,
    /// When it was last used, as far as that was written down.
    pub last_used_at: DateTime<Utc>,
    /// When it ends; never, if absent.
    pub expires_at: Option<DateTime<Utc>>,
    /// The client that it was issued to.
    pub client: TokenClient,
    /// The login that it was handed out by.
    pub login: Option<String>,
    /// What was proven, as JSON.
    pub evidence: Option<String>,
}

impl From<Model> for DeviceToken {
    fn from(row: Model) -> Self {
        let Model {
            id,
            digest,
            user_id,
            epoch,
            created_at,
            last_used_at,
            expires_at,
            user_agent,
            ip,
            login,
            evidence,
        } = row;
        Self {
            id,
            digest,
            user_id,
            epoch,
            created_at: created_at.0,
            last_used_at: last_used_at.0,
            expires_at: expires_at.map(|time| time.0),
            client: TokenClient { user_agent, ip },
            login,
            evidence,
        }
    }
}

impl Store {
    /// Keeps a token and returns its primary key.
    ///
    /// # Errors
    /// `Taken(Token)` when the digest exists.
    pub async fn insert_device_token(&self, new: &NewDeviceToken) -> Result<i64, StoreError> {
        let NewDeviceToken {
            digest,
            user_id,
            epoch,
            created_at,
            expires_at,
            client,
            login,
            evidence,
        } = new.clone();
        let (user_agent, ip) = client.cut();
        let row = Entity::insert(ActiveModel {
            id: NotSet,
            digest: Set(digest),
            user_id: Set(user_id),
            epoch: Set(epoch),
            created_at: Set(created_at.into()),
            last_used_at: Set(created_at.into()),
            expires_at: Set(expires_at.map(DjangoTime)),
            user_agent: Set(user_agent),
            ip: Set(ip),
            login: Set(login),
            evidence: Set(evidence),
        });
        Ok(row.exec(self.writer()).await?.last_insert_id)
    }

    /// Finds a token and its user. The caller checks expiry and epoch.
    pub async fn device_token(
        &self,
        digest: &str,
    ) -> Result<Option<(DeviceToken, User)>, StoreError> {
        let found = with_user::prepared(self.reader(), &BY_DIGEST, [digest.into()]);
        Ok(found.await?.and_then(|(token, user)| Some((token.into(), user?))))
    }

    /// The tokens of a user, oldest first.
    pub async fn device_tokens_of(&self, user_id: i64) -> Result<Vec<DeviceToken>, StoreError> {
        let tokens = Entity::find().filter(Column::UserId.eq(user_id)).order_by_asc(Column::Id);
        let rows = tokens.all(self.reader()).await?;
        Ok(rows.into_iter().map(DeviceToken::from).collect())
    }

    /// Records a use. `false`: the token is gone.
    pub async fn touch_device_token(&self, id: i64, at: DateTime<Utc>) -> Result<bool, StoreError> {
        let touched = ActiveModel { last_used_at: Set(at.into()), ..Default::default() };
        let row = Entity::update_many().set(touched).filter(Column::Id.eq(id));
        Ok(row.exec(self.writer()).await?.rows_affected == 1)
    }

    /// Notes what was proven with a token. `false`: the token is gone.
    pub async fn set_token_evidence(
        &self,
        digest: &str,
        evidence: &str,
    ) -> Result<bool, StoreError> {
        let noted = ActiveModel { evidence: Set(Some(evidence.to_owned())), ..Default::default() };
        let row = Entity::update_many().set(noted).filter(Column::Digest.eq(digest));
        Ok(row.exec(self.writer()).await?.rows_affected == 1)
    }

    /// Deletes a token. `false`: there was none.
    pub async fn delete_device_token(&self, digest: &str) -> Result<bool, StoreError> {
        let row = Entity::delete_many().filter(Column::Digest.eq(digest));
        Ok(row.exec(self.writer()).await?.rows_affected == 1)
    }

    /// Deletes the tokens that have ended and returns how many there were.
    pub async fn delete_expired_device_tokens(
        &self,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let rows = Entity::delete_many().filter(Column::ExpiresAt.lte(now));
        Ok(rows.exec(self.writer()).await?.rows_affected)
    }
}

/// Deletes the tokens of a user, except perhaps one, and tells how many.
pub(crate) async fn delete_of<C: ConnectionTrait>(
    db: &C,
    user_id: i64,
    except: Option<&str>,
) -> Result<u64, DbErr> {
    let rows = Entity::delete_many()
        .filter(Column::UserId.eq(user_id))
        .apply_if(except, |rows, kept| rows.filter(Column::Digest.ne(kept)));
    Ok(rows.exec(db).await?.rows_affected)
}

/// Whether a user has this token, of this epoch.
pub(crate) async fn is_under<C: ConnectionTrait>(
    db: &C,
    user_id: i64,
    digest: &str,
    epoch: i64,
) -> Result<bool, DbErr> {
    let row = Entity::find().filter(Column::UserId.eq(user_id)).filter(Column::Digest.eq(digest));
    Ok(row.filter(Column::Epoch.eq(epoch)).one(db).await?.is_some())
}

/// Lets a token of a user continue under this epoch.
pub(crate) async fn set_epoch<C: ConnectionTrait>(
    db: &C,
    user_id: i64,
    digest: &str,
    epoch: i64,
) -> Result<(), DbErr> {
    let renewed = ActiveModel { epoch: Set(epoch), ..Default::default() };
    let row = Entity::update_many().set(renewed).filter(Column::UserId.eq(user_id));
    row.filter(Column::Digest.eq(digest)).exec(db).await?;
    Ok(())
}
