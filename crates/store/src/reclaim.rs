//! An account that its rightful owner takes over from whoever registered it with their address.

use chrono::{DateTime, Utc};
use rest_auth_domain::password::EncodedPassword;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use crate::connection::Transaction;
use crate::entity::account_emailaddress as address;
use crate::outgoing::Outgoing;
use crate::passwords::NewPassword;
use crate::renewal::Renewal;
use crate::write::{Commit, RollBack};
use crate::{Store, StoreError, addresses, blacklist, cascade, epochs, user_lock};

/// By what somebody can log in, or get in later, besides the password and tokens.
const WAYS_IN: [&str; 8] = [
    "socialaccount_socialtoken",
    "socialaccount_socialaccount",
    "dj_rest_auth_mfa_authenticator",
    "mfa_authenticator",
    "passkeys_webauthncredential",
    "rest_auth_passkey",
    "rest_auth_passkey_user",
    "rest_auth_known_client",
];

impl Store {
    /// Removes every way in to an account that whoever registered it may have prepared: accounts at
    /// providers, second factors, passkeys, other addresses and what was mailed to them. `password`,
    /// which matches nothing, takes the place of theirs, and all credentials end. `false`: there is
    /// no such user.
    pub async fn reclaim_account(
        &self,
        user_id: i64,
        email: &str,
        password: &EncodedPassword,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.write(|tx| async move {
            if user_lock::lock(&tx, user_id).await?.is_none() {
                return Ok(RollBack(false));
            }
            self.remove_ways_in(&tx, user_id, email).await?;
            let (renewal, outgoing) = (&Renewal::none(now), &Outgoing::default());
            let password = NewPassword { user_id, old: None, new: password, renewal, outgoing };
            self.write_password(&tx, password).await?;
            // As recorded, the token of Django REST framework's is the one of before.
            epochs::raise(&tx, user_id).await?;
            if self.has_blacklist() {
                blacklist::blacklist_of(&tx, user_id, None, now).await?;
            }
            Ok(Commit(true))
        })
        .await
    }

    /// The same within a transaction that sets another password, if nobody has verified an address of
    /// the account. A way in that is added meanwhile waits for the lock, and then finds that its
    /// credential has ended.
    pub(crate) async fn reclaim_unproven(
        &self,
        tx: &Transaction,
        user_id: i64,
        email: &str,
    ) -> Result<(), StoreError> {
        user_lock::lock(tx, user_id).await?;
        let is_proven = self.has_addresses()
            && address::Entity::find()
                .filter(address::Column::UserId.eq(user_id))
                .filter(address::Column::Verified.eq(true))
                .one(tx)
                .await?
                .is_some();
        if is_proven { Ok(()) } else { self.remove_ways_in(tx, user_id, email).await }
    }

    async fn remove_ways_in(
        &self,
        tx: &Transaction,
        user_id: i64,
        email: &str,
    ) -> Result<(), StoreError> {
        let present = rest_auth_migration::tables(tx).await?;
        for step in cascade::steps(tx, &present, user_id).await? {
            if WAYS_IN.contains(&step.table) && present.contains(step.table) {
                step.run(tx).await?;
            }
        }
        if self.has_addresses() {
            let others = address::Entity::find().filter(address::Column::UserId.eq(user_id));
            for other in others.all(tx).await? {
                if other.email.to_lowercase() != email {
                    addresses::delete(tx, other.id.0).await?;
                }
            }
        }
        Ok(())
    }
}
