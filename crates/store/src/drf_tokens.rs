//! `authtoken_token`: one token per user, as Django REST framework has it.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _, SelectTwo,
};

use crate::entity::auth_user;
use crate::entity::authtoken_token::{ActiveModel, Column, Entity, Model};
use crate::prepared::PreparedQuery;
use crate::{Store, StoreError, User, with_user};

/// The token of a key.
static BY_KEY: PreparedQuery<SelectTwo<Entity, auth_user::Entity>, 1> =
    PreparedQuery::new(|[key]| {
        Entity::find().filter(Column::Key.eq(key)).find_also_related(auth_user::Entity)
    });

/// A token of Django REST framework's.
#[derive(Clone, PartialEq, Eq)]
pub struct DrfToken {
    /// The secret itself: 40 hexadecimal digits.
    pub key: String,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// The owner's user id.
    pub user_id: i64,
}

impl std::fmt::Debug for DrfToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DrfToken")
            .field("created", &self.created)
            .field("user_id", &self.user_id)
            .finish_non_exhaustive()
    }
}

impl From<Model> for DrfToken {
    fn from(row: Model) -> Self {
        let Model { key, created, user_id } = row;
        Self { key, created: created.0, user_id: user_id.0 }
    }
}

impl Store {
    /// Finds the user of a token.
    pub async fn token_user(&self, key: &str) -> Result<Option<User>, StoreError> {
        if !self.has_drf_tokens() {
            return Ok(None);
        }
        let found = with_user::prepared(self.reader(), &BY_KEY, [key.into()]);
        // MySQL ignores case and accents even in primary keys.
        let found = found.await?.filter(|(token, _)| token.key == key);
        Ok(found.and_then(|(_, user)| user))
    }

    /// The token of a user.
    pub async fn token_of(&self, user_id: i64) -> Result<Option<DrfToken>, StoreError> {
        if !self.has_drf_tokens() {
            return Ok(None);
        }
        let token = Column::UserId.eq(user_id);
        let found = Entity::find().filter(token).one(self.reader()).await?;
        Ok(found.map(DrfToken::from))
    }

    /// The token of a user; the new key becomes it if there is none. Callers that race all get
    /// the same token.
    pub async fn get_or_create_token(
        &self,
        user_id: i64,
        new_key: &str,
        now: DateTime<Utc>,
    ) -> Result<DrfToken, StoreError> {
        if let Some(token) = self.token_of(user_id).await? {
            return Ok(token);
        }
        match self.insert_token(user_id, new_key, now).await {
            Err(StoreError::Taken(unique)) => {
                self.token_of(user_id).await?.ok_or(StoreError::Taken(unique))
            }
            other => other,
        }
    }

    /// Gives a user a new token in place of the old one.
    pub async fn replace_token(
        &self,
        user_id: i64,
        new_key: &str,
        now: DateTime<Utc>,
    ) -> Result<DrfToken, StoreError> {
        let token = DrfToken { key: new_key.to_owned(), created: now, user_id };
        if self.overwrite_token(&token).await? {
            return Ok(token);
        }
        match self.insert_token(user_id, new_key, now).await {
            // Another request has just inserted one, so it is replaced.
            Err(StoreError::Taken(unique)) => {
                let replaced = self.overwrite_token(&token).await?;
                if replaced { Ok(token) } else { Err(StoreError::Taken(unique)) }
            }
            other => other,
        }
    }

    /// Removes the token of a user and tells how many there were.
    pub async fn delete_tokens_of(&self, user_id: i64) -> Result<u64, StoreError> {
        if !self.has_drf_tokens() {
            return Ok(0);
        }
        Ok(delete_of(self.writer(), user_id).await?)
    }

    async fn insert_token(
        &self,
        user_id: i64,
        key: &str,
        now: DateTime<Utc>,
    ) -> Result<DrfToken, StoreError> {
        let token = DrfToken { key: key.to_owned(), created: now, user_id };
        let row = Entity::insert(active(&token));
        row.exec_without_returning(self.writer()).await?;
        Ok(token)
    }

    async fn overwrite_token(&self, token: &DrfToken) -> Result<bool, DbErr> {
        let rows = Entity::update_many().set(active(token));
        let row = rows.filter(Column::UserId.eq(token.user_id));
        Ok(row.exec(self.writer()).await?.rows_affected == 1)
    }
}

/// Removes the token of a user and tells how many there were.
pub(crate) async fn delete_of<C: ConnectionTrait>(db: &C, user_id: i64) -> Result<u64, DbErr> {
    Ok(Entity::delete_many().filter(Column::UserId.eq(user_id)).exec(db).await?.rows_affected)
}

fn active(token: &DrfToken) -> ActiveModel {
    let DrfToken { key, created, user_id } = token.clone();
    ActiveModel { key: Set(key), created: Set(created.into()), user_id: Set(user_id.into()) }
}
