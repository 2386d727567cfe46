//! Setting passwords. What a new one ends, ends in the same transaction.

use crate::accounts::Epoch;
use crate::connection::Transaction;
use crate::mailed_secrets::NewPassword;
use crate::outbox::{self, NewMail};
use crate::{Backend, Store, StoreError, epochs, sql};

const SET: &str = r#"UPDATE "auth_user" SET "password" = ? WHERE "id" = ?"#;
const REPLACE: &str = r#"UPDATE "auth_user" SET "password" = ? WHERE "id" = ? AND "password" = ?"#;

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
        let tx = self.begin().await?;
        if sql::execute(&tx, SET, [encoded.into(), id.into()]).await? == 0 {
            return Ok(false);
        }
        epochs::settle(&tx, self.backend(), id, epoch).await?;
        outbox::insert(&tx, letters).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Sets the password unless it was changed since the old one was read, and puts letters about
    /// it into the outbox: of two requests that a single permission allows, one gets `true`.
    pub async fn replace_password(&self, password: NewPassword<'_>) -> Result<bool, StoreError> {
        let tx = self.begin().await?;
        if !replace(&tx, self.backend(), password).await? {
            return Ok(false);
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Replaces a hash by a stronger one of the same password, unless the password was changed
    /// in the meantime.
    pub async fn upgrade_password_hash(
        &self,
        id: i64,
        old: &str,
        new: &str,
    ) -> Result<bool, StoreError> {
        let values = [new.into(), id.into(), old.into()];
        Ok(sql::execute(self.writer(), REPLACE, values).await? == 1)
    }
}

/// Sets a password within a transaction. `false`: it was changed since the old one was read.
pub(crate) async fn replace(
    tx: &Transaction,
    backend: Backend,
    password: NewPassword<'_>,
) -> Result<bool, StoreError> {
    let NewPassword { user_id, old, new, epoch, letters } = password;
    let values = [new.into(), user_id.into(), old.into()];
    if sql::execute(tx, REPLACE, values).await? == 0 {
        return Ok(false);
    }
    epochs::settle(tx, backend, user_id, epoch).await?;
    outbox::insert(tx, letters).await?;
    Ok(true)
}
