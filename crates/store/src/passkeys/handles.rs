//! The handles of users on their authenticators, where they are random.

use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait as _;

use crate::entity::rest_auth_passkey_user::{ActiveModel, Entity};
use crate::{Store, StoreError};

impl Store {
    /// The handle that was kept for a user, in base64url.
    pub async fn passkey_handle(&self, user_id: i64) -> Result<Option<String>, StoreError> {
        let row = Entity::find_by_id(user_id).one(self.reader()).await?;
        Ok(row.map(|row| row.handle))
    }

    /// Keeps a handle for a user who has none, and returns the one that is kept.
    pub async fn keep_passkey_handle(&self, user_id: i64, new: &str) -> Result<String, StoreError> {
        if let Some(kept) = self.passkey_handle(user_id).await? {
            return Ok(kept);
        }
        let row = ActiveModel { user_id: Set(user_id), handle: Set(new.to_owned()) };
        match Entity::insert(row).exec_without_returning(self.writer()).await.map_err(Into::into) {
            Ok(_) => Ok(new.to_owned()),
            // Another request was faster.
            Err(taken @ StoreError::Taken(_)) => self.passkey_handle(user_id).await?.ok_or(taken),
            Err(error) => Err(error),
        }
    }
}
