//! `rest_auth_user_field`: what `user.extra_fields` adds to a user, one row per field. A field
//! without a row has no value.

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait as _, DbErr, EntityTrait as _, QueryFilter as _};

use crate::connection::Transaction;
use crate::entity::rest_auth_user_field::{ActiveModel, Column, Entity, Model};
use crate::{Store, StoreError};

/// A value of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserField {
    /// The owner's user id.
    pub user_id: i64,
    /// The name of the field; at most 64 characters.
    pub name: String,
    /// The value as text.
    pub value: String,
}

/// A change of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// The name of the field.
    pub name: String,
    /// The value as text; `None` removes it.
    pub value: Option<String>,
}

impl From<Model> for UserField {
    fn from(row: Model) -> Self {
        let Model { user_id, name, value } = row;
        Self { user_id, name, value }
    }
}

impl Store {
    /// The values of a user's fields.
    pub async fn fields_of(&self, user_id: i64) -> Result<Vec<UserField>, StoreError> {
        let fields = Entity::find().filter(Column::UserId.eq(user_id));
        Ok(fields.all(self.reader()).await?.into_iter().map(UserField::from).collect())
    }

    /// The values of the fields of all users whose ids are within these two.
    pub async fn fields_between(
        &self,
        first_id: i64,
        last_id: i64,
    ) -> Result<Vec<UserField>, StoreError> {
        let fields = Entity::find().filter(Column::UserId.between(first_id, last_id));
        Ok(fields.all(self.reader()).await?.into_iter().map(UserField::from).collect())
    }
}

/// Changes fields of a user within a transaction.
pub(crate) async fn write(
    tx: &Transaction,
    user_id: i64,
    changes: &[FieldChange],
) -> Result<(), DbErr> {
    for FieldChange { name, value } in changes.iter().cloned() {
        match value {
            Some(value) => set(tx, Model { user_id, name, value }).await?,
            None => {
                Entity::delete_by_id((user_id, name)).exec(tx).await?;
            }
        }
    }
    Ok(())
}

async fn set(tx: &Transaction, field: Model) -> Result<(), DbErr> {
    let Model { user_id, name, value } = field;
    let row = ActiveModel { user_id: Set(user_id), name: Set(name), value: Set(value) };
    let key = [Column::UserId, Column::Name];
    let replace = OnConflict::columns(key).update_column(Column::Value).to_owned();
    Entity::insert(row).on_conflict(replace).exec_without_returning(tx).await?;
    Ok(())
}
