//! Changing columns of `auth_user`.

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _};

use crate::entity::auth_user::{ActiveModel, Column, Entity};

/// Changes columns of a user. `false`: there is no such user.
pub(crate) async fn update<C: ConnectionTrait>(
    db: &C,
    id: i64,
    change: ActiveModel,
) -> Result<bool, DbErr> {
    let row = Entity::update_many().set(change).filter(Column::Id.eq(id));
    Ok(row.exec(db).await?.rows_affected == 1)
}

/// Sets the user's own column of the address.
pub(crate) async fn set_email<C: ConnectionTrait>(
    db: &C,
    id: i64,
    email: &str,
) -> Result<bool, DbErr> {
    update(db, id, ActiveModel { email: Set(email.to_owned()), ..Default::default() }).await
}
