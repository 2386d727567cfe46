//! `rest_auth_session`: sessions found by the SHA-256 of their key, joined to a real user.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::{Condition, ExprTrait as _, Value};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QueryTrait as _, SelectTwo,
};

use crate::device_tokens::TokenClient;
use crate::entity::auth_user;
use crate::entity::rest_auth_session::{ActiveModel, Column, Entity, Model};
use crate::prepared::PreparedQuery;
use crate::time::DjangoTime;
use crate::{Store, StoreError, User, with_user};

/// The session of a digest, unless it has ended.
static LIVE_BY_DIGEST: PreparedQuery<SelectTwo<Entity, auth_user::Entity>, 2> =
    PreparedQuery::new(|[digest, now]| {
        let session = Entity::find().filter(Column::Digest.eq(digest)).filter(live(now));
        session.find_also_related(auth_user::Entity)
    });

/// A session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceSession {
    /// SHA-256 of the session key in hexadecimal.
    pub digest: String,
    /// The user who is logged in, if any.
    pub user_id: Option<i64>,
    /// The user's epoch at login; 0 without a user.
    pub epoch: i64,
    /// The content, in Django's encoding.
    pub data: String,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it was last used, as far as that was written down.
    pub last_seen_at: DateTime<Utc>,
    /// It ends here unless it is used before.
    pub expire_date: DateTime<Utc>,
    /// It ends here even if it is used; never, if absent.
    pub absolute_end: Option<DateTime<Utc>>,
    /// The client that it was issued to.
    pub client: TokenClient,
    /// The login that it was handed out by, at most 32 characters; none without a user.
    pub login: Option<String>,
}

impl From<Model> for DeviceSession {
    fn from(row: Model) -> Self {
        let Model {
            digest,
            user_id,
            epoch,
            data,
            created_at,
            last_seen_at,
            expire_date,
            absolute_end,
            user_agent,
            ip,
            login,
        } = row;
        Self {
            digest,
            user_id,
            epoch,
            data,
            created_at: created_at.0,
            last_seen_at: last_seen_at.0,
            expire_date: expire_date.0,
            absolute_end: absolute_end.map(|time| time.0),
            client: TokenClient { user_agent, ip },
            login,
        }
    }
}

impl Store {
    /// Finds a session that has not ended, and its user. The caller checks the epoch.
    pub async fn device_session(
        &self,
        digest: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<(DeviceSession, Option<User>)>, StoreError> {
        let given = [digest.into(), now.into()];
        let found = with_user::prepared(self.reader(), &LIVE_BY_DIGEST, given);
        Ok(found.await?.map(|(session, user)| (session.into(), user)))
    }

    /// The sessions of a user that have not ended, oldest first.
    pub async fn device_sessions_of(
        &self,
        user_id: i64,
        now: DateTime<Utc>,
    ) -> Result<Vec<DeviceSession>, StoreError> {
        let live_of_user = live(now.into()).add(Column::UserId.eq(user_id));
        let sessions = Entity::find().filter(live_of_user);
        let sessions = sessions.order_by_asc(Column::CreatedAt);
        let rows = sessions.all(self.reader()).await?;
        Ok(rows.into_iter().map(DeviceSession::from).collect())
    }

    /// Adds a session.
    ///
    /// # Errors
    /// `Taken(Token)` when the digest exists.
    pub async fn insert_device_session(&self, session: &DeviceSession) -> Result<(), StoreError> {
        Ok(insert(self.writer(), session).await?)
    }

    /// Overwrites a session but for its epoch. `false`: it has vanished, and nothing was written.
    pub async fn update_device_session(&self, session: &DeviceSession) -> Result<bool, StoreError> {
        let rows = Entity::update_many().set(ActiveModel { epoch: NotSet, ..active(session) });
        let row = rows.filter(Column::Digest.eq(session.digest.as_str()));
        Ok(row.exec(self.writer()).await?.rows_affected == 1)
    }

    /// Records a use and moves the end. `false`: the session has vanished.
    pub async fn touch_device_session(
        &self,
        digest: &str,
        seen_at: DateTime<Utc>,
        expire_date: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let touched = ActiveModel {
            last_seen_at: Set(seen_at.into()),
            expire_date: Set(expire_date.into()),
            ..Default::default()
        };
        let rows = Entity::update_many().set(touched);
        let row = rows.filter(Column::Digest.eq(digest));
        Ok(row.exec(self.writer()).await?.rows_affected == 1)
    }

    /// Removes a session. `false`: there was none.
    pub async fn delete_device_session(&self, digest: &str) -> Result<bool, StoreError> {
        Ok(delete(self.writer(), digest).await?)
    }

    /// Removes the sessions that have ended and tells how many.
    pub async fn delete_expired_device_sessions(
        &self,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let ended = Column::ExpireDate.lte(now);
        let ended = ended.or(Column::AbsoluteEnd.lte(now));
        let rows = Entity::delete_many().filter(ended);
        Ok(rows.exec(self.writer()).await?.rows_affected)
    }
}

/// Adds a session.
pub(crate) async fn insert<C: ConnectionTrait>(
    db: &C,
    session: &DeviceSession,
) -> Result<(), DbErr> {
    Entity::insert(active(session)).exec_without_returning(db).await?;
    Ok(())
}

/// Removes a session. `false`: there was none.
pub(crate) async fn delete<C: ConnectionTrait>(db: &C, digest: &str) -> Result<bool, DbErr> {
    Ok(Entity::delete_by_id(digest).exec(db).await?.rows_affected == 1)
}

/// Removes the sessions of a user, except perhaps one, and tells how many.
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

/// The condition that a session has not ended.
fn live(now: Value) -> Condition {
    let absolute_end = Column::AbsoluteEnd;
    Condition::all()
        .add(Column::ExpireDate.gt(now.clone()))
        .add(absolute_end.is_null().or(absolute_end.gt(now)))
}

fn active(session: &DeviceSession) -> ActiveModel {
    let DeviceSession {
        digest,
        user_id,
        epoch,
        data,
        created_at,
        last_seen_at,
        expire_date,
        absolute_end,
        client,
        login,
    } = session.clone();
    let (user_agent, ip) = client.cut();
    ActiveModel {
        digest: Set(digest),
        user_id: Set(user_id),
        epoch: Set(epoch),
        data: Set(data),
        created_at: Set(created_at.into()),
        last_seen_at: Set(last_seen_at.into()),
        expire_date: Set(expire_date.into()),
        absolute_end: Set(absolute_end.map(DjangoTime)),
        user_agent: Set(user_agent),
        ip: Set(ip),
        login: Set(login),
    }
}
