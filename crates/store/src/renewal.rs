//! What ends, and what goes on, when the password, the primary address or a second factor of a user
//! changes. It is written in the transaction of that change: a client is never left with a new
//! password and no session, or with the old one and a session that has gone.

use chrono::{DateTime, Utc};

use crate::connection::Transaction;
use crate::device_sessions::{self, DeviceSession};
use crate::epochs::{self, Epoch};
use crate::sessions::{self, SessionRow};
use crate::write::Commit;
use crate::{Store, StoreError, blacklist, device_tokens, drf_tokens, refresh_families};
use futures_util::future::BoxFuture;

/// What a change does to the credentials of its user.
#[derive(Clone, Debug)]
pub struct Renewal {
    /// What happens to credentials issued so far. If they end, those named below go on.
    pub epoch: Epoch,
    /// The epoch that the user who asks for the change had when they were let in. If it was raised
    /// since, their credentials have ended, and the change is none.
    pub asked_under: Option<i64>,
    /// The session of the request, which goes on under a new key whatever happens to the others.
    pub session: Option<RenewedSession>,
    /// The digest of the API token of the request.
    pub token: Option<String>,
    /// The refresh family of the access token of the request.
    pub family: Option<String>,
    /// The time.
    pub now: DateTime<Utc>,
}

/// A session that takes the place of another one.
#[derive(Clone, Debug)]
pub enum RenewedSession {
    /// In Django's table.
    Django {
        /// The key of the session before.
        former: String,
        /// The new key.
        key: String,
        /// Its content.
        row: SessionRow,
    },
    /// In the table of ours.
    Device {
        /// The digest of the session before.
        former: String,
        /// The new row. It gets the epoch that the user has then.
        row: Box<DeviceSession>,
    },
}

impl Renewal {
    /// Every credential stays as it is.
    #[must_use]
    pub fn none(now: DateTime<Utc>) -> Self {
        Self {
            epoch: Epoch::Keep,
            asked_under: None,
            session: None,
            token: None,
            family: None,
            now,
        }
    }

    /// Every credential ends.
    #[must_use]
    pub fn end_all(now: DateTime<Utc>) -> Self {
        Self { epoch: Epoch::Bump, ..Self::none(now) }
    }

    fn device_session(&self) -> Option<&str> {
        match &self.session {
            Some(RenewedSession::Device { row, .. }) => Some(&row.digest),
            Some(RenewedSession::Django { .. }) | None => None,
        }
    }
}

impl Store {
    /// Ends the credentials of a user, or lets a session go on under a new key, without any other
    /// change.
    ///
    /// # Errors
    /// [`StoreError::CredentialsEnded`] if that session ended meanwhile.
    pub async fn renew_credentials(
        &self,
        user_id: i64,
        renewal: &Renewal,
    ) -> Result<(), StoreError> {
        self.write(|tx| async move { Ok(Commit(self.renew(&tx, user_id, renewal).await?)) }).await
    }

    /// Ends the credentials of a user and lets those of the request go on, within a transaction.
    ///
    /// # Errors
    /// [`StoreError::CredentialsEnded`] if those of the request ended meanwhile.
    pub(crate) fn renew<'a>(
        &'a self,
        tx: &'a Transaction,
        user_id: i64,
        renewal: &'a Renewal,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            if let Some(asked_under) = renewal.asked_under {
                let epoch = epochs::of(tx, user_id).await?;
                if epoch != asked_under && !goes_on(tx, user_id, renewal, epoch).await? {
                    return Err(StoreError::CredentialsEnded);
                }
            }
            epochs::settle(tx, user_id, renewal.epoch).await?;
            let epoch = epochs::of(tx, user_id).await?;
            // A session that was ended meanwhile does not come back under another key.
            let is_alive = match &renewal.session {
                None => true,
                Some(RenewedSession::Django { former, .. }) => sessions::delete(tx, former).await?,
                Some(RenewedSession::Device { former, .. }) => {
                    device_sessions::delete(tx, former).await?
                }
            };
            if !is_alive {
                return Err(StoreError::CredentialsEnded);
            }
            match &renewal.session {
                None => {}
                Some(RenewedSession::Django { key, row, .. }) => {
                    sessions::insert(tx, key, row).await?;
                }
                Some(RenewedSession::Device { row, .. }) => {
                    device_sessions::insert(tx, &DeviceSession { epoch, ..(**row).clone() })
                        .await?;
                }
            }
            if renewal.epoch == Epoch::Bump {
                self.end_others(tx, user_id, renewal, epoch).await?;
            }
            Ok(())
        })
    }

    /// The epoch alone would end them; without rows they are in no list either.
    async fn end_others(
        &self,
        tx: &Transaction,
        user_id: i64,
        renewal: &Renewal,
        epoch: i64,
    ) -> Result<(), StoreError> {
        device_sessions::delete_of(tx, user_id, renewal.device_session()).await?;
        refresh_families::revoke_of(tx, user_id, renewal.family.as_deref(), renewal.now).await?;
        if let Some(family) = &renewal.family {
            refresh_families::set_epoch(tx, user_id, family, epoch).await?;
        }
        if self.has_blacklist() {
            let family = renewal.family.as_deref();
            blacklist::blacklist_of(tx, user_id, family, renewal.now).await?;
        }
        if self.has_drf_tokens() {
            // It is shared by all devices.
            drf_tokens::delete_of(tx, user_id).await?;
        }
        device_tokens::delete_of(tx, user_id, renewal.token.as_deref()).await?;
        if let Some(token) = &renewal.token {
            device_tokens::set_epoch(tx, user_id, token, epoch).await?;
        }
        Ok(())
    }
}

/// Whether the token or the family of the request goes on under an epoch that was raised meanwhile:
/// by another request of the same login, whose change let it go on.
async fn goes_on(
    tx: &Transaction,
    user_id: i64,
    renewal: &Renewal,
    epoch: i64,
) -> Result<bool, StoreError> {
    Ok(match (&renewal.token, &renewal.family) {
        (Some(token), _) => device_tokens::is_under(tx, user_id, token, epoch).await?,
        (None, Some(family)) => refresh_families::is_under(tx, user_id, family, epoch).await?,
        (None, None) => false,
    })
}
