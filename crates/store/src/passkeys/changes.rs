//! Passkeys are added, used, named and removed.

use chrono::{DateTime, Utc};
use rest_auth_domain::webauthn::authenticator_data::{Backup, aaguid_text};
use rest_auth_domain::webauthn::{Assertion, NewCredential, allauth as format, credential_id};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait as _, DbErr, EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
    QuerySelect as _,
};
use serde_json::Value;

use super::{Passkey, PasskeyKey, PasskeySource};
use crate::connection::Transaction;
use crate::entity::rest_auth_passkey as twin;
use crate::entity::{mfa_authenticator as allauth, passkeys_webauthncredential as djangos};
use crate::factor_changes::{FactorChange, SetUp, SetUpTerms};
use crate::json::JsonColumn;
use crate::mfa::FactorKind;
use crate::write::{Commit, RollBack};
use crate::{Store, StoreError, factors, mfa, user_lock};

/// A passkey to add.
#[derive(Clone, Debug)]
pub struct NewPasskey {
    /// The owner's user id.
    pub user_id: i64,
    /// Its name.
    pub name: String,
    /// The credential.
    pub credential: NewCredential,
    /// What the browser said, which allauth keeps.
    pub said: Value,
    /// Whose table it goes to.
    pub source: PasskeySource,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// The address of the client, or empty.
    pub ip: String,
    /// The data of recovery codes, for a user who has none.
    pub recovery_codes: Option<Value>,
}

/// A passkey that was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddedPasskey {
    /// Its place.
    pub key: PasskeyKey,
    /// Whether the user got the recovery codes.
    pub with_codes: bool,
}

/// The result of adding a passkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasskeyAddition {
    /// It is added.
    Added(AddedPasskey),
    /// The user has as many as are allowed.
    TooMany,
    /// The user does not exist any more.
    NotFound,
}

/// A use of a passkey.
#[derive(Clone, Debug)]
pub struct PasskeyUse {
    /// What the authenticator proved.
    pub assertion: Assertion,
    /// When.
    pub at: DateTime<Utc>,
    /// The address of the client, or empty.
    pub ip: String,
}

impl Store {
    /// Adds a passkey to a user, with recovery codes if they have none, ends what the epoch ends, and
    /// puts mails about it into the outbox: all or nothing. `most` is how many a user may have, with
    /// this one; any number without it.
    ///
    /// # Errors
    /// `Taken` when somebody has the credential already.
    pub async fn add_passkey(
        &self,
        new: &NewPasskey,
        most: Option<u32>,
        change: FactorChange<'_>,
    ) -> Result<PasskeyAddition, StoreError> {
        self.write(|tx| async move {
            if user_lock::lock(&tx, new.user_id).await?.is_none() {
                return Ok(RollBack(PasskeyAddition::NotFound));
            }
            if let Some(most) = most
                && self.count_passkeys(&tx, new.user_id).await? >= most.into()
            {
                return Ok(RollBack(PasskeyAddition::TooMany));
            }
            let key = insert(&tx, new).await?;
            let with_codes = match &new.recovery_codes {
                Some(codes) => {
                    mfa::add_recovery_codes(&tx, new.user_id, codes, new.created_at).await?
                }
                None => false,
            };
            self.settle(&tx, change).await?;
            Ok(Commit(PasskeyAddition::Added(AddedPasskey { key, with_codes })))
        })
        .await
    }

    /// How many passkeys a user who is locked has, of both packages.
    async fn count_passkeys(&self, tx: &Transaction, user_id: i64) -> Result<u64, DbErr> {
        let own = djangos::Entity::find().filter(djangos::Column::UserId.eq(user_id));
        let own = own.count(tx).await?;
        if !self.has_allauth_mfa() {
            return Ok(own);
        }
        let is_key = allauth::Column::Type.eq(format::TYPE);
        let theirs = Condition::all().add(allauth::Column::UserId.eq(user_id)).add(is_key);
        Ok(own + factors::count_at_allauth(tx, theirs).await?)
    }

    /// Adds the first passkey of a user whose login needs a second factor, with the recovery codes
    /// in place of earlier ones, and uses that login up.
    ///
    /// # Errors
    /// `Taken` when somebody has the credential already.
    pub async fn set_up_passkey(
        &self,
        new: &NewPasskey,
        terms: SetUpTerms<'_>,
        change: FactorChange<'_>,
    ) -> Result<SetUp, StoreError> {
        self.write(|tx| async move {
            let user_id = new.user_id;
            if let Some(hindered) = self.hindrance(&tx, user_id, terms).await? {
                return Ok(RollBack(hindered));
            }
            insert(&tx, new).await?;
            if let Some(codes) = &new.recovery_codes {
                let kind = FactorKind::RecoveryCodes;
                mfa::upsert(&tx, user_id, kind, codes, new.created_at).await?;
            }
            self.settle(&tx, change).await?;
            Ok(Commit(SetUp::Done))
        })
        .await
    }

    /// Records a use, if the counter grew since every use that was recorded, or neither counts.
    /// `false`: it did not, or the passkey is gone; so of two copies that show the same number one is
    /// found out.
    pub async fn use_passkey(
        &self,
        passkey: &Passkey,
        used: &PasskeyUse,
    ) -> Result<bool, StoreError> {
        let recorded = match self.record_use(passkey, used).await {
            // Another request has made the twin meanwhile.
            Err(StoreError::Taken(_)) if !passkey.has_twin => {
                let passkey = Passkey { has_twin: true, ..passkey.clone() };
                self.record_use(&passkey, used).await?
            }
            other => other?,
        };
        if recorded && passkey.key.source == PasskeySource::Allauth {
            self.note_use_at_allauth(passkey.key.row_id, used.at).await;
        }
        Ok(recorded)
    }

    async fn record_use(&self, passkey: &Passkey, used: &PasskeyUse) -> Result<bool, StoreError> {
        self.write(|tx| async move {
            if passkey.key.source == PasskeySource::DjRestAuth
                && !use_djangos(&tx, passkey.key.row_id, used).await?
            {
                return Ok(RollBack(false));
            }
            if !passkey.has_twin {
                // Somebody else may have added this id for themselves, before the row of allauth was
                // known here. Who used it last is kept.
                let digest = twin::Column::CredentialDigest;
                let others = digest.eq(credential_id::digest(&passkey.credential_id));
                let others = Condition::all().add(others).add(twin_at(passkey.key).not());
                twin::Entity::delete_many().filter(others).exec(&tx).await?;
                let made = twin_of_used(passkey, used);
                twin::Entity::insert(made).exec_without_returning(&tx).await?;
                return Ok(Commit(true));
            }
            let used = use_twin(&tx, passkey.key, used).await?;
            Ok(if used { Commit(true) } else { RollBack(false) })
        })
        .await
    }

    /// Gives a passkey of a user another name. `false`: the user has no such passkey.
    pub async fn rename_passkey(
        &self,
        user_id: i64,
        key: PasskeyKey,
        name: &str,
    ) -> Result<bool, StoreError> {
        if key.source == PasskeySource::DjRestAuth {
            let named = djangos::ActiveModel { name: Set(name.to_owned()), ..Default::default() };
            let row = djangos::Entity::update_many().set(named).filter(djangos_of(user_id, key));
            return Ok(row.exec(self.writer()).await?.rows_affected == 1);
        }
        self.write(|tx| async move {
            let row = allauth::Entity::find().filter(allauths_of(user_id, key));
            let row = row.select_only().column(allauth::Column::Data).lock_exclusive();
            let Some(data) = row.into_tuple::<JsonColumn>().one(&tx).await? else {
                return Ok(RollBack(false));
            };
            let data = Set(JsonColumn(format::renamed(&data.0, name)));
            let named = allauth::ActiveModel { data, ..Default::default() };
            let row = allauth::Entity::update_many().set(named);
            row.filter(allauths_of(user_id, key)).exec(&tx).await?;
            Ok(Commit(true))
        })
        .await
    }

    /// Removes a passkey of a user, with the last factor the recovery codes too, ends what the epoch
    /// ends, and puts mails about it into the outbox: all or nothing. `false`: the user has no such
    /// passkey.
    pub async fn remove_passkey(
        &self,
        key: PasskeyKey,
        change: FactorChange<'_>,
    ) -> Result<bool, StoreError> {
        let user_id = change.user_id;
        self.write(|tx| async move {
            user_lock::lock(&tx, user_id).await?;
            let removed = match key.source {
                PasskeySource::DjRestAuth => {
                    djangos::Entity::delete_many().filter(djangos_of(user_id, key)).exec(&tx).await
                }
                PasskeySource::Allauth => {
                    allauth::Entity::delete_many().filter(allauths_of(user_id, key)).exec(&tx).await
                }
            };
            if removed?.rows_affected == 0 {
                return Ok(RollBack(false));
            }
            twin::Entity::delete_many().filter(twin_at(key)).exec(&tx).await?;
            self.remove_lonely_codes(&tx, user_id).await?;
            self.settle(&tx, change).await?;
            Ok(Commit(true))
        })
        .await
    }
}

/// Inserts a passkey and what its table does not keep.
async fn insert(tx: &Transaction, new: &NewPasskey) -> Result<PasskeyKey, DbErr> {
    let row_id = match new.source {
        PasskeySource::DjRestAuth => insert_djangos(tx, new).await?,
        PasskeySource::Allauth => insert_allauths(tx, new).await?,
    };
    let key = PasskeyKey { source: new.source, row_id };
    twin::Entity::insert(twin_of_new(key, new)).exec_without_returning(tx).await?;
    Ok(key)
}

async fn insert_djangos(tx: &Transaction, new: &NewPasskey) -> Result<i64, DbErr> {
    let row = djangos::Entity::insert(djangos::ActiveModel {
        id: NotSet,
        name: Set(new.name.clone()),
        credential_id: Set(new.credential.id.clone()),
        public_key: Set(new.credential.public_key.clone()),
        sign_count: Set(new.credential.sign_count.into()),
        transports: Set(JsonColumn(new.credential.transports.clone().into())),
        // dj-rest-auth takes it for granted.
        discoverable: Set(new.credential.discoverable.unwrap_or(true)),
        created_at: Set(new.created_at.into()),
        last_used_at: Set(None),
        user_id: Set(new.user_id.into()),
    });
    Ok(row.exec(tx).await?.last_insert_id.0)
}

async fn insert_allauths(tx: &Transaction, new: &NewPasskey) -> Result<i64, DbErr> {
    let row = allauth::Entity::insert(allauth::ActiveModel {
        id: NotSet,
        r#type: Set(format::TYPE.to_owned()),
        data: Set(JsonColumn(format::data(&new.name, &new.said))),
        user_id: Set(new.user_id.into()),
        created_at: Set(new.created_at.into()),
        last_used_at: Set(None),
    });
    Ok(row.exec(tx).await?.last_insert_id.0)
}

fn twin_of_new(key: PasskeyKey, new: &NewPasskey) -> twin::ActiveModel {
    let credential = &new.credential;
    twin::ActiveModel {
        source: Set(key.source.name().to_owned()),
        row_id: Set(key.row_id),
        credential_digest: Set(credential_id::digest(&credential.id)),
        user_id: Set(new.user_id),
        sign_count: Set(credential.sign_count.into()),
        aaguid: Set(aaguid_text(credential.aaguid)),
        backup_eligible: Set(credential.backup.eligible),
        backed_up: Set(credential.backup.state),
        user_verified: Set(credential.user_verified),
        transports: Set(credential.transports.join(",")),
        last_ip: Set(new.ip.clone()),
    }
}

fn twin_of_used(passkey: &Passkey, used: &PasskeyUse) -> twin::ActiveModel {
    twin::ActiveModel {
        source: Set(passkey.key.source.name().to_owned()),
        row_id: Set(passkey.key.row_id),
        credential_digest: Set(credential_id::digest(&passkey.credential_id)),
        user_id: Set(passkey.user_id),
        aaguid: Set(String::new()),
        transports: Set(passkey.transports.join(",")),
        ..seen(used)
    }
}

/// What a use tells.
fn seen(used: &PasskeyUse) -> twin::ActiveModel {
    let Assertion { sign_count, user_verified, backup: Backup { eligible, state } } =
        used.assertion;
    twin::ActiveModel {
        sign_count: Set(sign_count.into()),
        backup_eligible: Set(eligible),
        backed_up: Set(state),
        user_verified: Set(user_verified),
        last_ip: Set(used.ip.clone()),
        ..Default::default()
    }
}

async fn use_djangos(tx: &Transaction, row_id: i64, used: &PasskeyUse) -> Result<bool, DbErr> {
    let seen = djangos::ActiveModel {
        sign_count: Set(used.assertion.sign_count.into()),
        last_used_at: Set(Some(used.at.into())),
        ..Default::default()
    };
    let grows = grows(Expr::col(djangos::Column::SignCount), used.assertion.sign_count);
    let rows = djangos::Entity::update_many().set(seen).filter(grows);
    let rows = rows.filter(djangos::Column::Id.eq(row_id)).exec(tx).await?.rows_affected;
    Ok(rows == 1)
}

async fn use_twin(tx: &Transaction, key: PasskeyKey, used: &PasskeyUse) -> Result<bool, DbErr> {
    let grows = grows(Expr::col(twin::Column::SignCount), used.assertion.sign_count);
    let rows = twin::Entity::update_many().set(seen(used)).filter(twin_at(key).add(grows));
    Ok(rows.exec(tx).await?.rows_affected == 1)
}

/// The counter is below what was shown, or neither counts.
fn grows(kept: Expr, shown: u32) -> Condition {
    match shown {
        0 => Condition::all().add(kept.eq(0)),
        _ => Condition::all().add(kept.lt(i64::from(shown))),
    }
}

fn twin_at(key: PasskeyKey) -> Condition {
    let source = twin::Column::Source.eq(key.source.name());
    Condition::all().add(source).add(twin::Column::RowId.eq(key.row_id))
}

fn djangos_of(user_id: i64, key: PasskeyKey) -> Condition {
    let row = djangos::Column::Id.eq(key.row_id);
    Condition::all().add(row).add(djangos::Column::UserId.eq(user_id))
}

fn allauths_of(user_id: i64, key: PasskeyKey) -> Condition {
    let row = allauth::Column::Id.eq(key.row_id);
    let row = Condition::all().add(row).add(allauth::Column::UserId.eq(user_id));
    row.add(allauth::Column::Type.eq(format::TYPE))
}
