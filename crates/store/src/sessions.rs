//! `django_session`, shared with Django.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _, QueryTrait,
    SelectTwo,
};

use crate::entity::auth_user;
use crate::entity::django_session::{ActiveModel, Column, Entity, Model};
use crate::prepared::PreparedQuery;
use crate::{Store, StoreError, UserWithPassword, with_user};

/// The session of a key, unless it has expired, with the user of an id.
static LIVE_BY_KEY: PreparedQuery<SelectTwo<Entity, auth_user::Entity>, 3> =
    PreparedQuery::new(|[key, user_id, now]| {
        let session = Entity::find().filter(Column::SessionKey.eq(key));
        let mut session = session.filter(Column::ExpireDate.gt(now));
        let user = auth_user::Column::Id.eq(user_id);
        QueryTrait::query(&mut session).left_join(auth_user::Entity, user);
        session.select_also(auth_user::Entity)
    });

/// A session as Django stores it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// The signed and encoded content.
    pub data: String,
    /// The session is valid before this moment.
    pub expire_date: DateTime<Utc>,
}

impl From<Model> for SessionRow {
    fn from(row: Model) -> Self {
        // The caller has the key.
        let Model { session_key: _, session_data, expire_date } = row;
        Self { data: session_data, expire_date: expire_date.0 }
    }
}

impl Store {
    /// Finds a session that has not expired, and with it the user of the given id.
    ///
    /// The user is inside the signed content, which a join cannot read. A caller that remembers the
    /// user of a key passes the id as a hint and saves a second query. The content shows whether
    /// the hint was right. The session is good while it fits the hash of the password, which comes
    /// with the user.
    pub async fn session_with_user_hint(
        &self,
        session_key: &str,
        hint: Option<i64>,
        now: DateTime<Utc>,
    ) -> Result<Option<(SessionRow, Option<UserWithPassword>)>, StoreError> {
        let given = [session_key.into(), hint.into(), now.into()];
        let found = with_user::prepared(self.reader(), &LIVE_BY_KEY, given).await?;
        // MySQL ignores case even in primary keys.
        let found = found.filter(|(session, _)| session.session_key == session_key);
        Ok(found.map(|(session, user)| (session.into(), user)))
    }

    /// Adds a session.
    ///
    /// # Errors
    /// `Taken(Token)` when the key exists: another must be drawn, never an existing one adopted.
    pub async fn insert_session(
        &self,
        session_key: &str,
        session: &SessionRow,
    ) -> Result<(), StoreError> {
        Ok(insert(self.writer(), session_key, session).await?)
    }

    /// Overwrites a session. `false`: it has vanished, and nothing was written.
    pub async fn update_session(
        &self,
        session_key: &str,
        session: &SessionRow,
    ) -> Result<bool, StoreError> {
        let rows = Entity::update_many().set(active(session_key, session));
        let row = rows.filter(Column::SessionKey.eq(session_key));
        Ok(row.exec(self.writer()).await?.rows_affected == 1)
    }

    /// Removes a session. `false`: there was none.
    pub async fn delete_session(&self, session_key: &str) -> Result<bool, StoreError> {
        Ok(delete(self.writer(), session_key).await?)
    }

    /// Removes expired sessions, as Django's `clearsessions` does, and tells how many.
    pub async fn delete_expired_sessions(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let expired = Column::ExpireDate.lt(now);
        let rows = Entity::delete_many().filter(expired);
        Ok(rows.exec(self.writer()).await?.rows_affected)
    }
}

/// Adds a session.
pub(crate) async fn insert<C: ConnectionTrait>(
    db: &C,
    session_key: &str,
    session: &SessionRow,
) -> Result<(), DbErr> {
    Entity::insert(active(session_key, session)).exec_without_returning(db).await?;
    Ok(())
}

/// Removes a session. `false`: there was none.
pub(crate) async fn delete<C: ConnectionTrait>(db: &C, session_key: &str) -> Result<bool, DbErr> {
    Ok(Entity::delete_by_id(session_key).exec(db).await?.rows_affected == 1)
}

fn active(session_key: &str, session: &SessionRow) -> ActiveModel {
    let SessionRow { data, expire_date } = session.clone();
    ActiveModel {
        session_key: Set(session_key.to_owned()),
        session_data: Set(data),
        expire_date: Set(expire_date.into()),
    }
}
