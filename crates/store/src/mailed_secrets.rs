//! Actions that a mailed secret permits. The same transaction uses the secret up.

use chrono::{DateTime, Utc};

use crate::connection::Transaction;
use crate::one_time::{self, OneTime};
use crate::passwords::NewPassword;
use crate::write::{Commit, RollBack};
use crate::{Store, StoreError, addresses, epochs};

impl Store {
    /// Uses a secret up and marks an address as verified. The other secrets of the same kind about
    /// the address end with it. `false`: the secret was used up before, the epoch of its owner was
    /// raised since, or there is no such address; nothing has happened then.
    ///
    /// # Errors
    /// `Taken(VerifiedEmail)` if another user has verified the address before.
    pub async fn verify_address_once(
        &self,
        secret: &OneTime,
        address_id: i64,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.write(|tx| async move {
            if !use_up(&tx, secret, now).await?
                || !addresses::mark_verified(&tx, self.backend(), address_id).await?
            {
                return Ok(RollBack(false));
            }
            if let Some(user_id) = secret.user_id {
                one_time::discard_about(&tx, user_id, &secret.kind, &secret.data, now).await?;
            }
            Ok(Commit(true))
        })
        .await
    }

    /// Uses a secret up and changes a password. `false`: the secret was used up before, or the
    /// password was changed or the epoch raised since; nothing has happened then. Where an address is
    /// given, in lower case, and nobody has verified one of the account, the other ways in go, too, as
    /// [`reclaim_account`](Self::reclaim_account) says.
    pub async fn change_password_once(
        &self,
        secret: &OneTime,
        password: NewPassword<'_>,
        reclaims: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.write(|tx| async move {
            if !use_up(&tx, secret, now).await? {
                return Ok(RollBack(false));
            }
            if let Some(email) = reclaims {
                self.reclaim_unproven(&tx, password.user_id, email).await?;
            }
            let done = self.write_password(&tx, password).await?;
            Ok(if done { Commit(true) } else { RollBack(false) })
        })
        .await
    }
}

async fn use_up(
    tx: &Transaction,
    secret: &OneTime,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    if !one_time::consume(tx, secret.id, now).await? {
        return Ok(false);
    }
    let Some(user_id) = secret.user_id else { return Ok(true) };
    Ok(epochs::of(tx, user_id).await? == secret.epoch)
}
