//! `usersessions_usersession`: the sessions of Django's as allauth lists them. Without its
//! application nothing tells whose a session is.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};

use crate::device_tokens::TokenClient;
use crate::entity::{django_session, usersessions_usersession as listing};
use crate::write::Commit;
use crate::{Store, StoreError};

/// A session of Django's, as allauth lists it.
#[derive(Clone, PartialEq, Eq)]
pub struct UserSession {
    /// The key itself, which is a secret.
    pub session_key: String,
    /// When it was first seen.
    pub created_at: DateTime<Utc>,
    /// When it was last seen.
    pub last_seen_at: DateTime<Utc>,
    /// When it ends unless it is used.
    pub expires_at: DateTime<Utc>,
    /// The client.
    pub client: TokenClient,
}

impl std::fmt::Debug for UserSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserSession").field("client", &self.client).finish_non_exhaustive()
    }
}

impl Store {
    /// The sessions of a user that allauth has listed and that are alive, oldest first.
    pub async fn user_sessions_of(
        &self,
        user_id: i64,
        now: DateTime<Utc>,
    ) -> Result<Vec<UserSession>, StoreError> {
        if !self.has_user_sessions() {
            return Ok(Vec::new());
        }
        let rows = listing::Entity::find()
            .filter(listing::Column::UserId.eq(user_id))
            .order_by_asc(listing::Column::Id)
            .all(self.reader())
            .await?;
        let keys = rows.iter().map(|row| row.session_key.clone());
        let live = django_session::Entity::find()
            .filter(django_session::Column::SessionKey.is_in(keys))
            .filter(django_session::Column::ExpireDate.gt(now))
            .all(self.reader())
            .await?;
        let end_of = |key: &str| {
            let session = live.iter().find(|session| session.session_key == key);
            session.map(|session| session.expire_date.0)
        };
        let alive = rows.into_iter().filter_map(|row| {
            Some(UserSession {
                expires_at: end_of(&row.session_key)?,
                session_key: row.session_key,
                created_at: row.created_at.0,
                last_seen_at: row.last_seen_at.0,
                client: TokenClient { user_agent: row.user_agent, ip: row.ip },
            })
        });
        Ok(alive.collect())
    }

    /// Ends a session of a user that allauth has listed.
    pub async fn end_user_session(
        &self,
        user_id: i64,
        session_key: &str,
    ) -> Result<(), StoreError> {
        self.write(|tx| async move {
            let row = listing::Entity::delete_many()
                .filter(listing::Column::UserId.eq(user_id))
                .filter(listing::Column::SessionKey.eq(session_key));
            if row.exec(&tx).await?.rows_affected > 0 {
                django_session::Entity::delete_by_id(session_key).exec(&tx).await?;
            }
            Ok(Commit(()))
        })
        .await
    }
}
