//! `dj_rest_auth_mfa_authenticator`: one second factor of each type per user.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::entity::mfa::AuthenticatorRow;
use crate::{Backend, Store, StoreError, sql};

macro_rules! select_authenticator {
    ($rest:literal) => {
        concat!(
            r#"SELECT "id", "type" AS "kind", "data", "created_at", "last_used_at" "#,
            r#"FROM "dj_rest_auth_mfa_authenticator" "#,
            $rest
        )
    };
}

const OF_USER: &str = select_authenticator!(r#"WHERE "user_id" = ? ORDER BY "id""#);
const BY_KIND: &str = select_authenticator!(r#"WHERE "user_id" = ? AND "type" = ?"#);
const BY_ID: &str = select_authenticator!(r#"WHERE "id" = ?"#);
const BY_ID_LOCKED: &str = select_authenticator!(r#"WHERE "id" = ? FOR UPDATE"#);
const INSERT: &str = r#"INSERT INTO "dj_rest_auth_mfa_authenticator"
    ("type", "data", "created_at", "user_id") VALUES (?, ?, ?, ?)"#;
const SET_DATA: &str = r#"UPDATE "dj_rest_auth_mfa_authenticator" SET "data" = ?
    WHERE "user_id" = ? AND "type" = ?"#;
const USE: &str = r#"UPDATE "dj_rest_auth_mfa_authenticator" SET "data" = ?, "last_used_at" = ?
    WHERE "id" = ?"#;
const DELETE: &str = r#"DELETE FROM "dj_rest_auth_mfa_authenticator"
    WHERE "user_id" = ? AND "type" = ?"#;
const DELETE_OF: &str = r#"DELETE FROM "dj_rest_auth_mfa_authenticator" WHERE "user_id" = ?"#;

const ANY: &str = r#"SELECT 1 AS "one" FROM "dj_rest_auth_mfa_authenticator" LIMIT 1"#;

/// The type of a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactorKind {
    /// Codes that change with time (RFC 6238).
    Totp,
    /// Codes on paper.
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

impl Store {
    /// Whether anybody has a second factor.
    pub async fn anybody_has_second_factor(&self) -> Result<bool, StoreError> {
        if !rest_auth_migration::has_table(self.reader(), "dj_rest_auth_mfa_authenticator").await? {
            return Ok(false);
        }
        Ok(sql::exists(self.reader(), ANY, []).await?)
    }

    /// The second factors of a user; types that this server does not know are left out.
    pub async fn authenticators_of(&self, user_id: i64) -> Result<Vec<Authenticator>, StoreError> {
        let rows =
            sql::all::<AuthenticatorRow, _>(self.reader(), OF_USER, [user_id.into()]).await?;
        Ok(rows.into_iter().filter_map(AuthenticatorRow::known).collect())
    }

    /// The second factor of a type, if the user has set it up.
    pub async fn authenticator(
        &self,
        user_id: i64,
        kind: FactorKind,
    ) -> Result<Option<Authenticator>, StoreError> {
        let values = [user_id.into(), kind.name().into()];
        let row = sql::one::<AuthenticatorRow, _>(self.reader(), BY_KIND, values).await?;
        Ok(row.and_then(AuthenticatorRow::known))
    }

    /// Sets a second factor up, or anew: then both times stay as they were.
    pub async fn upsert_authenticator(
        &self,
        user_id: i64,
        kind: FactorKind,
        data: &Value,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let update = || [data.clone().into(), user_id.into(), kind.name().into()];
        if sql::execute(self.writer(), SET_DATA, update()).await? > 0 {
            return Ok(());
        }
        let values = [kind.name().into(), data.clone().into(), now.into(), user_id.into()];
        let inserted = sql::execute(self.writer(), INSERT, values).await;
        match inserted.map_err(StoreError::from) {
            // Somebody else set it up in between: the last one counts, as in Django.
            Err(StoreError::Taken(_)) => {
                sql::execute(self.writer(), SET_DATA, update()).await?;
                Ok(())
            }
            other => other.map(|_| ()),
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
        let tx = self.begin().await?;
        let select = match self.backend() {
            // The transaction holds the lock of the whole file.
            Backend::Sqlite => BY_ID,
            Backend::Postgres | Backend::Mysql => BY_ID_LOCKED,
        };
        let row = sql::one::<AuthenticatorRow, _>(&tx, select, [id.into()]).await?;
        let unchanged =
            row.and_then(AuthenticatorRow::known).is_some_and(|found| found.data == *old);
        if !unchanged {
            return Ok(false);
        }
        sql::execute(&tx, USE, [new.clone().into(), used_at.into(), id.into()]).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Removes a second factor. `false`: the user has none of this type.
    pub async fn delete_authenticator(
        &self,
        user_id: i64,
        kind: FactorKind,
    ) -> Result<bool, StoreError> {
        let values = [user_id.into(), kind.name().into()];
        Ok(sql::execute(self.writer(), DELETE, values).await? == 1)
    }

    /// Removes all second factors of a user and tells how many there were.
    pub async fn delete_authenticators_of(&self, user_id: i64) -> Result<u64, StoreError> {
        Ok(sql::execute(self.writer(), DELETE_OF, [user_id.into()]).await?)
    }
}
