//! Passkeys: those of dj-rest-auth in `passkeys_webauthncredential`, those of allauth in
//! `mfa_authenticator`, and in `rest_auth_passkey` what neither of them keeps.
//!
//! `rows` makes one of the two tables, `changes` adds, uses, names and removes passkeys, and
//! `handles` are the names of users on their authenticators.

mod changes;
mod handles;
mod rows;

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use rest_auth_domain::webauthn::authenticator_data::Backup;
use rest_auth_domain::webauthn::credential_id;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use crate::entity::rest_auth_passkey as twin;
use crate::entity::{mfa_authenticator as allauth, passkeys_webauthncredential as djangos};
use crate::{Store, StoreError, factors};

pub use changes::{AddedPasskey, NewPasskey, PasskeyAddition, PasskeyUse};

/// Whose table a passkey is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasskeySource {
    /// dj-rest-auth's.
    DjRestAuth,
    /// allauth's.
    Allauth,
}

impl PasskeySource {
    /// The word in the column `source`.
    fn name(self) -> &'static str {
        match self {
            Self::DjRestAuth => "dj_rest_auth",
            Self::Allauth => "allauth",
        }
    }
}

/// The place of a passkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasskeyKey {
    /// The table.
    pub source: PasskeySource,
    /// The primary key there.
    pub row_id: i64,
}

/// A passkey of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    /// Where it is.
    pub key: PasskeyKey,
    /// The owner's user id.
    pub user_id: i64,
    /// The name that the user gave it.
    pub name: String,
    /// The id of the credential.
    pub credential_id: Vec<u8>,
    /// The public key, a COSE key in CBOR.
    pub public_key: Vec<u8>,
    /// The counter.
    pub sign_count: u32,
    /// How browsers reach the authenticator.
    pub transports: Vec<String>,
    /// Whether the authenticator finds it by itself.
    pub discoverable: bool,
    /// Whether it can leave its device, and has; `None` until it is used here.
    pub backup: Option<Backup>,
    /// When it was made. `None`: the row does not tell.
    pub created_at: Option<DateTime<Utc>>,
    /// When it was last used.
    pub last_used_at: Option<DateTime<Utc>>,
    /// Whether `rest_auth_passkey` knows it.
    has_twin: bool,
}

impl Store {
    /// Finds the passkey of a credential, that of one of `owners` first: the id of a credential is no
    /// secret, and others may have added it for themselves. allauth's rows have no key to find them by
    /// until they were used here once: those of `owners` are looked through.
    pub async fn passkey(
        &self,
        credential: &[u8],
        owners: &[i64],
    ) -> Result<Option<Passkey>, StoreError> {
        let db = self.reader();
        let row = djangos::Entity::find().filter(djangos::Column::CredentialId.eq(credential));
        let twin = twin::Column::CredentialDigest.eq(credential_id::digest(credential));
        let twin = twin::Entity::find().filter(twin).one(db).await?;
        let djangos = row.one(db).await?.map(|row| {
            let key = PasskeyKey { source: PasskeySource::DjRestAuth, row_id: row.id.0 };
            rows::of_djangos(row, twin.as_ref().filter(|twin| twin.is_of(key)))
        });
        let is_an_owner = |user_id| owners.is_empty() || owners.contains(&user_id);
        if !self.has_allauth_mfa()
            || djangos.as_ref().is_some_and(|passkey| is_an_owner(passkey.user_id))
        {
            return Ok(djangos);
        }
        let kept = twin.as_ref().filter(|twin| {
            twin.source == PasskeySource::Allauth.name() && is_an_owner(twin.user_id)
        });
        let place = match kept {
            Some(twin) => allauth::Column::Id.eq(twin.row_id),
            None => allauth::Column::UserId.is_in(owners.iter().copied()),
        };
        let found = rows::of_allauth(db, place).await?.into_iter();
        let mut found = found.filter(|passkey| passkey.credential_id == credential);
        Ok(found.next().map(|passkey| rows::with_twin(passkey, kept)).or(djangos))
    }

    /// The passkeys of a user, newest first.
    pub async fn passkeys_of(&self, user_id: i64) -> Result<Vec<Passkey>, StoreError> {
        let db = self.reader();
        let rows = djangos::Entity::find().filter(djangos::Column::UserId.eq(user_id));
        let rows = rows.all(db).await?;
        let twins = twin::Entity::find().filter(twin::Column::UserId.eq(user_id)).all(db).await?;
        let twin_of = |key: PasskeyKey| twins.iter().find(|twin| twin.is_of(key));
        let key = |row: &djangos::Model| PasskeyKey {
            source: PasskeySource::DjRestAuth,
            row_id: row.id.0,
        };
        let mut passkeys: Vec<_> = rows
            .into_iter()
            .map(|row| {
                let twin = twin_of(key(&row));
                rows::of_djangos(row, twin)
            })
            .collect();
        if self.has_allauth_mfa() {
            let found = rows::of_allauth(db, allauth::Column::UserId.eq(user_id)).await?;
            let rows = found.iter().map(|passkey| passkey.key.row_id).collect();
            // Projects that have such rows have the columns.
            let times = factors::times_of_allauth(db, rows).await?;
            passkeys.extend(found.into_iter().map(|passkey| {
                let passkey = rows::with_times(passkey, &times);
                let twin = twin_of(passkey.key);
                rows::with_twin(passkey, twin)
            }));
        }
        passkeys.sort_by_key(|passkey| Reverse((passkey.created_at, passkey.key.row_id)));
        Ok(passkeys)
    }
}
