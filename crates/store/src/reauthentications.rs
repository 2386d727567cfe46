//! `rest_auth_reauthentication`: what users have proven with credentials that have no row of ours,
//! such as the token of Django REST framework's that all devices of a user share.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use crate::entity::rest_auth_reauthentication::{ActiveModel, Column, Entity};
use crate::{Store, StoreError};

/// What was proven with a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reauthentication {
    /// SHA-256 of the credential in hexadecimal.
    pub credential: String,
    /// The user.
    pub user_id: i64,
    /// The user's epoch at that moment.
    pub epoch: i64,
    /// What was proven, as JSON.
    pub evidence: String,
    /// When it counts no longer.
    pub expires_at: DateTime<Utc>,
}

impl Store {
    /// What was proven with a credential of a user, unless it counts no longer.
    pub async fn reauthentication(
        &self,
        credential: &str,
        user_id: i64,
        now: DateTime<Utc>,
    ) -> Result<Option<Reauthentication>, StoreError> {
        let row = Entity::find_by_id(credential)
            .filter(Column::UserId.eq(user_id))
            .filter(Column::ExpiresAt.gt(now));
        Ok(row.one(self.reader()).await?.map(|row| Reauthentication {
            credential: row.credential,
            user_id: row.user_id,
            epoch: row.epoch,
            evidence: row.evidence,
            expires_at: row.expires_at.0,
        }))
    }

    /// Notes what was proven with a credential, in place of what was noted before.
    pub async fn set_reauthentication(&self, new: &Reauthentication) -> Result<(), StoreError> {
        let Reauthentication { credential, user_id, epoch, evidence, expires_at } = new.clone();
        let mut replaced = OnConflict::column(Column::Credential);
        replaced.update_columns([
            Column::UserId,
            Column::Epoch,
            Column::Evidence,
            Column::ExpiresAt,
        ]);
        let row = Entity::insert(ActiveModel {
            credential: Set(credential),
            user_id: Set(user_id),
            epoch: Set(epoch),
            evidence: Set(evidence),
            expires_at: Set(expires_at.into()),
        });
        row.on_conflict(replaced).exec_without_returning(self.writer()).await?;
        Ok(())
    }

    /// Deletes what counts no longer and returns how many rows there were.
    pub async fn delete_expired_reauthentications(
        &self,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let rows = Entity::delete_many().filter(Column::ExpiresAt.lte(now));
        Ok(rows.exec(self.writer()).await?.rows_affected)
    }
}
