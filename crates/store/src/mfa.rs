//! The second factors of users: one of each type per user in `dj_rest_auth_mfa_authenticator`, those
//! that allauth keeps in `mfa_authenticator`, and the passkeys of `passkeys_webauthncredential`. What
//! a code does to them happens under a lock of their user.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::Condition;
use sea_orm::{
    ColumnTrait as _, DbErr, EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
    QuerySelect as _,
};
use serde_json::Value;

use crate::accounts::SingleUse;
use crate::connection::Transaction;
use crate::entity::dj_rest_auth_mfa_authenticator::{ActiveModel, Column, Entity};
use crate::entity::mfa_authenticator as allauth;
use crate::json::JsonColumn;
use crate::outbox::{self, NewMail};
use crate::write::{Commit, RollBack};
use crate::{Store, StoreError, one_time, user_lock};

/// The type of a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactorKind {
    /// Codes that change with time (RFC 6238).
    Totp,
    /// Recovery codes.
    RecoveryCodes,
    /// A passkey or security key (WebAuthn).
    Passkey,
}

impl FactorKind {
    /// The name in the column `type`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::RecoveryCodes => "recovery_codes",
            Self::Passkey => "webauthn",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        let all = [Self::Totp, Self::RecoveryCodes, Self::Passkey];
        all.into_iter().find(|kind| kind.name() == name)
    }
}

/// The table that a second factor is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FactorSource {
    /// `dj_rest_auth_mfa_authenticator`.
    DjRestAuth,
    /// `mfa_authenticator`.
    Allauth,
    /// `passkeys_webauthncredential`.
    Passkeys,
}

/// A second factor. Its data holds secrets, so there is no `Debug`.
#[derive(Clone, PartialEq)]
pub struct Authenticator {
    /// The primary key, in its table.
    pub id: i64,
    /// The table.
    pub source: FactorSource,
    /// The type.
    pub kind: FactorKind,
    /// What the type needs, with keys that others may have added: write back what you read. Of
    /// `passkeys_webauthncredential` the name alone, as allauth has it.
    pub data: Value,
    /// When it was first set up; unknown for allauth's.
    pub created_at: Option<DateTime<Utc>>,
    /// When it last proved anything.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// What a code does to the data of a factor; none if it does not fit.
pub type FactorCheck<'a> = Box<dyn Fn(&Value) -> Option<Value> + Send + Sync + 'a>;

/// The use of a factor.
pub struct FactorUse<'a> {
    /// The user.
    pub user_id: i64,
    /// The table.
    pub source: FactorSource,
    /// The primary key, in its table.
    pub id: i64,
    /// The data after the use; none if the factor refuses it. It is called with the data as they
    /// are when nobody else can change them.
    pub check: FactorCheck<'a>,
    /// The challenge that the use answers.
    pub challenge: Option<SingleUse>,
    /// Mails about the use, which are put into the outbox with it.
    pub mails: Vec<NewMail>,
    /// The time.
    pub now: DateTime<Utc>,
}

/// The result of using a factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactorUsed {
    /// It was used, and the challenge with it.
    Done,
    /// The factor refuses it, or is gone. The challenge can still be answered.
    Refused,
    /// The challenge was answered before. The factor was not used.
    Spent,
}

impl Store {
    /// Sets a second factor up, or anew: then both times stay as they were.
    pub async fn upsert_authenticator(
        &self,
        user_id: i64,
        kind: FactorKind,
        data: &Value,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.write(|tx| async move {
            user_lock::lock(&tx, user_id).await?;
            upsert(&tx, user_id, kind, data, now).await?;
            Ok(Commit(()))
        })
        .await
    }

    /// Uses a factor once: of any number of concurrent uses of one code, or answers to one challenge,
    /// exactly one is `Done`.
    pub async fn use_factor(&self, usage: &FactorUse<'_>) -> Result<FactorUsed, StoreError> {
        let used = self
            .write(|tx| async move {
                Ok(match apply(&tx, usage).await? {
                    FactorUsed::Done => Commit(FactorUsed::Done),
                    other => RollBack(other),
                })
            })
            .await?;
        if used == FactorUsed::Done && usage.source == FactorSource::Allauth {
            self.note_use_at_allauth(usage.id, usage.now).await;
        }
        Ok(used)
    }

    /// Notes when a factor of allauth was used. Older projects lack the column, and nothing depends on
    /// it.
    pub(crate) async fn note_use_at_allauth(&self, row_id: i64, at: DateTime<Utc>) {
        let used =
            allauth::ActiveModel { last_used_at: Set(Some(at.into())), ..Default::default() };
        let row = allauth::Entity::update_many().set(used).filter(allauth::Column::Id.eq(row_id));
        if let Err(error) = row.exec(self.writer()).await {
            tracing::debug!(%error, row = row_id, "the use of a factor of allauth is not noted");
        }
    }
}

/// Uses a factor within a transaction, which is to be rolled back unless it is `Done`.
pub(crate) async fn apply(tx: &Transaction, usage: &FactorUse<'_>) -> Result<FactorUsed, DbErr> {
    user_lock::lock(tx, usage.user_id).await?;
    if let Some(SingleUse { id, now }) = usage.challenge
        && !one_time::consume(tx, id, now).await?
    {
        return Ok(FactorUsed::Spent);
    }
    let Some(data) = locked(tx, usage).await? else { return Ok(FactorUsed::Refused) };
    let Some(data) = (usage.check)(&data) else { return Ok(FactorUsed::Refused) };
    let data = Set(JsonColumn(data));
    match usage.source {
        FactorSource::DjRestAuth => {
            let last_used_at = Set(Some(usage.now.into()));
            let used = ActiveModel { data, last_used_at, ..Default::default() };
            let row = Entity::update_many().set(used).filter(Column::Id.eq(usage.id));
            row.exec(tx).await?;
        }
        FactorSource::Allauth => {
            let used = allauth::ActiveModel { data, ..Default::default() };
            let row = allauth::Entity::update_many().set(used);
            row.filter(allauth::Column::Id.eq(usage.id)).exec(tx).await?;
        }
        FactorSource::Passkeys => return Ok(FactorUsed::Refused),
    }
    outbox::insert(tx, &usage.mails).await?;
    Ok(FactorUsed::Done)
}

/// The data of a factor. Django, which does not lock the user, cannot change them until the
/// transaction ends.
async fn locked(tx: &Transaction, usage: &FactorUse<'_>) -> Result<Option<Value>, DbErr> {
    let data: Option<JsonColumn> = match usage.source {
        FactorSource::DjRestAuth => {
            let row = Entity::find_by_id(usage.id).filter(Column::UserId.eq(usage.user_id));
            let row = row.select_only().column(Column::Data).lock_exclusive();
            row.into_tuple().one(tx).await?
        }
        FactorSource::Allauth => {
            let row = allauth::Entity::find_by_id(usage.id);
            let row = row.filter(allauth::Column::UserId.eq(usage.user_id));
            let row = row.select_only().column(allauth::Column::Data).lock_exclusive();
            row.into_tuple().one(tx).await?
        }
        // No code fits a passkey.
        FactorSource::Passkeys => None,
    };
    Ok(data.map(|data| data.0))
}

/// Sets a factor up, or anew, while its user is locked.
pub(crate) async fn upsert(
    tx: &Transaction,
    user_id: i64,
    kind: FactorKind,
    data: &Value,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let data = Set(JsonColumn(data.clone()));
    let renewed = ActiveModel { data: data.clone(), ..Default::default() };
    let row = Entity::update_many().set(renewed).filter(of_kind(user_id, kind));
    if row.exec(tx).await?.rows_affected > 0 {
        return Ok(());
    }
    let row = Entity::insert(ActiveModel {
        id: NotSet,
        r#type: Set(kind.name().to_owned()),
        data,
        created_at: Set(now.into()),
        last_used_at: Set(None),
        user_id: Set(user_id.into()),
    });
    row.exec_without_returning(tx).await.map(drop)
}

/// Gives a user recovery codes who has none, while the user is locked. `false`: there are some.
pub(crate) async fn add_recovery_codes(
    tx: &Transaction,
    user_id: i64,
    data: &Value,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let kind = FactorKind::RecoveryCodes;
    if Entity::find().filter(of_kind(user_id, kind)).count(tx).await? > 0 {
        return Ok(false);
    }
    upsert(tx, user_id, kind, data, now).await?;
    Ok(true)
}

/// The one factor of a type that a user may have.
pub(crate) fn of_kind(user_id: i64, kind: FactorKind) -> Condition {
    Condition::all().add(Column::UserId.eq(user_id)).add(Column::Type.eq(kind.name()))
}
