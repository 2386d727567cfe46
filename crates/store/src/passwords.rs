//! Setting passwords. What a new one ends, ends in the same transaction.

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _};

use crate::accounts::{self, Epoch};
use crate::connection::Transaction;
use crate::entity::auth_user::{ActiveModel, Column, Entity};
use crate::mailed_secrets::NewPassword;
use crate::outbox::{self, NewMail};
use crate::write::{Commit, RollBack};
use crate::{Store, StoreError, epochs};

impl Store {
    /// Sets the password.
    pub async fn set_password(
        &self,
        id: i64,
        encoded: &str,
        epoch: Epoch,
    ) -> Result<bool, StoreError> {
        self.set_password_with_mail(id, encoded, epoch, &[]).await
    }

    /// Sets the password and puts letters about it into the outbox: both or neither.
    pub async fn set_password_with_mail(
        &self,
        id: i64,
        encoded: &str,
        epoch: Epoch,
        letters: &[NewMail],
    ) -> Result<bool, StoreError> {
        self.write(|tx| async move {
            if !accounts::update(&tx, id, with_password(encoded)).await? {
                return Ok(RollBack(false));
            }
            epochs::settle(&tx, id, epoch).await?;
            outbox::insert(&tx, letters).await?;
            Ok(Commit(true))
        })
        .await
    }

    /// Sets the password unless it was changed since the old one was read, and puts letters about
    /// it into the outbox: of two requests that a single permission allows, one gets `true`.
    pub async fn replace_password(&self, password: NewPassword<'_>) -> Result<bool, StoreError> {
        self.write(|tx| async move {
            let replaced = replace(&tx, password).await?;
            Ok(if replaced { Commit(true) } else { RollBack(false) })
        })
        .await
    }

    /// Replaces a hash by a stronger one of the same password, unless the password was changed
    /// in the meantime.
    pub async fn upgrade_password_hash(
        &self,
        id: i64,
        old: &str,
        new: &str,
    ) -> Result<bool, StoreError> {
        Ok(swap(self.writer(), id, old, new).await?)
    }
}

/// Sets a password within a transaction. `false`: it was changed since the old one was read.
pub(crate) async fn replace(
    tx: &Transaction,
    password: NewPassword<'_>,
) -> Result<bool, StoreError> {
    let NewPassword { user_id, old, new, epoch, letters } = password;
    if !swap(tx, user_id, old, new).await? {
        return Ok(false);
    }
    epochs::settle(tx, user_id, epoch).await?;
    outbox::insert(tx, letters).await?;
    Ok(true)
}

async fn swap<C: ConnectionTrait>(db: &C, id: i64, old: &str, new: &str) -> Result<bool, DbErr> {
    let row = Entity::update_many().set(with_password(new)).filter(Column::Id.eq(id));
    Ok(row.filter(Column::Password.eq(old)).exec(db).await?.rows_affected == 1)
}

fn with_password(encoded: &str) -> ActiveModel {
    ActiveModel { password: Set(encoded.to_owned()), ..Default::default() }
}
