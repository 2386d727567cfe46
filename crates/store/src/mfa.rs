//! `dj_rest_auth_mfa_authenticator`: one second factor of each type per user.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::Condition;
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use serde_json::Value;

use crate::entity::dj_rest_auth_mfa_authenticator::{ActiveModel, Column, Entity, Model};
use crate::id::Id;
use crate::json::JsonColumn;
use crate::write::{Commit, RollBack};
use crate::{Store, StoreError};

/// The type of a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactorKind {
    /// Codes that change with time (RFC 6238).
    Totp,
    /// Recovery codes.
    RecoveryCodes,
}

impl FactorKind {
    /// The name in the column `type`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::RecoveryCodes => "recovery_codes",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::Totp, Self::RecoveryCodes].into_iter().find(|kind| kind.name() == name)
    }
}

/// A second factor. Its data holds secrets, so there is no `Debug`.
#[derive(Clone, PartialEq)]
pub struct Authenticator {
    /// The primary key.
    pub id: i64,
    /// The type.
    pub kind: FactorKind,
    /// What the type needs, with keys that others may have added: write back what you read.
    pub data: Value,
    /// When it was first set up.
    pub created_at: DateTime<Utc>,
    /// When it last proved anything.
    pub last_used_at: Option<DateTime<Utc>>,
}

impl Authenticator {
    /// The authenticator in a row, unless its type is one that we do not know.
    fn known(row: Model) -> Option<Self> {
        let Model { id, r#type, data, created_at, last_used_at, user_id: _ } = row;
        Some(Self {
            id: id.0,
            kind: FactorKind::named(&r#type)?,
            data: data.0,
            created_at: created_at.0,
            last_used_at: last_used_at.map(|time| time.0),
        })
    }
}

impl Store {
    /// Whether anybody has a second factor.
    pub async fn anybody_has_second_factor(&self) -> Result<bool, StoreError> {
        if !rest_auth_migration::has_table(self.reader(), "dj_rest_auth_mfa_authenticator").await? {
            return Ok(false);
        }
        let any = Entity::find().select_only().column(Column::Id).into_tuple::<Id>();
        Ok(any.one(self.reader()).await?.is_some())
    }

    /// The second factors of a user; types that this server does not know are left out.
    pub async fn authenticators_of(&self, user_id: i64) -> Result<Vec<Authenticator>, StoreError> {
        let rows = Entity::find().filter(Column::UserId.eq(user_id)).order_by_asc(Column::Id);
        let rows = rows.all(self.reader()).await?;
        Ok(rows.into_iter().filter_map(Authenticator::known).collect())
    }

    /// The second factor of a type, if the user has set it up.
    pub async fn authenticator(
        &self,
        user_id: i64,
        kind: FactorKind,
    ) -> Result<Option<Authenticator>, StoreError> {
        let row = Entity::find().filter(of_kind(user_id, kind)).one(self.reader()).await?;
        Ok(row.and_then(Authenticator::known))
    }

    /// Sets a second factor up, or anew: then both times stay as they were.
    pub async fn upsert_authenticator(
        &self,
        user_id: i64,
        kind: FactorKind,
        data: &Value,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let renewed = || {
            let data = Set(JsonColumn(data.clone()));
            let renewed = ActiveModel { data, ..Default::default() };
            Entity::update_many().set(renewed).filter(of_kind(user_id, kind)).exec(self.writer())
        };
        if renewed().await?.rows_affected > 0 {
            return Ok(());
        }
        let row = Entity::insert(ActiveModel {
            id: NotSet,
            r#type: Set(kind.name().to_owned()),
            data: Set(JsonColumn(data.clone())),
            created_at: Set(now.into()),
            last_used_at: Set(None),
            user_id: Set(user_id.into()),
        });
        match row.exec_without_returning(self.writer()).await.map_err(StoreError::from) {
            // Somebody else set it up in between: the last one counts, as in Django.
            Err(StoreError::Taken(_)) => {
                renewed().await?;
                Ok(())
            }
            other => other.map(drop),
        }
    }

    /// Writes new data after a use, if the data is still what the caller saw. `false`: it is not,
    /// or the factor is gone; so a code that two requests show at once works for one of them.
    pub async fn replace_authenticator_data(
        &self,
        id: i64,
        old: &Value,
        new: &Value,
        used_at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.write(|tx| async move {
            let row = Entity::find_by_id(id).lock_exclusive().one(&tx).await?;
            let found = row.and_then(Authenticator::known);
            if found.is_none_or(|found| found.data != *old) {
                return Ok(RollBack(false));
            }
            let used = ActiveModel {
                data: Set(JsonColumn(new.clone())),
                last_used_at: Set(Some(used_at.into())),
                ..Default::default()
            };
            Entity::update_many().set(used).filter(Column::Id.eq(id)).exec(&tx).await?;
            Ok(Commit(true))
        })
        .await
    }

    /// Removes a second factor. `false`: the user has none of this type.
    pub async fn delete_authenticator(
        &self,
        user_id: i64,
        kind: FactorKind,
    ) -> Result<bool, StoreError> {
        let row = Entity::delete_many().filter(of_kind(user_id, kind));
        Ok(row.exec(self.writer()).await?.rows_affected == 1)
    }

    /// Removes all second factors of a user and tells how many there were.
    pub async fn delete_authenticators_of(&self, user_id: i64) -> Result<u64, StoreError> {
        let rows = Entity::delete_many().filter(Column::UserId.eq(user_id));
        Ok(rows.exec(self.writer()).await?.rows_affected)
    }
}

/// The one factor of a type that a user may have.
fn of_kind(user_id: i64, kind: FactorKind) -> Condition {
    Condition::all().add(Column::UserId.eq(user_id)).add(Column::Type.eq(kind.name()))
}
