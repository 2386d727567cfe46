//! `rest_auth_user_field`: what `user.extra_fields` adds to a user, one row per field. A field
//! without a row has no value.

use sea_orm::{DbErr, FromQueryResult};

use crate::connection::Transaction;
use crate::{Backend, Store, StoreError, sql};

const OF_USER: &str =
    r#"SELECT "user_id", "name", "value" FROM "rest_auth_user_field" WHERE "user_id" = ?"#;
const OF_USERS: &str = r#"SELECT "user_id", "name", "value" FROM "rest_auth_user_field"
    WHERE "user_id" >= ? AND "user_id" <= ?"#;
const SET: &str = r#"INSERT INTO "rest_auth_user_field" ("user_id", "name", "value")
    VALUES (?, ?, ?) ON CONFLICT ("user_id", "name") DO UPDATE SET "value" = excluded."value""#;
const SET_MYSQL: &str = r#"INSERT INTO "rest_auth_user_field" ("user_id", "name", "value")
    VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE "value" = VALUES("value")"#;
const CLEAR: &str = r#"DELETE FROM "rest_auth_user_field" WHERE "user_id" = ? AND "name" = ?"#;

/// A value of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserField {
    /// Whose it is.
    pub user_id: i64,
    /// The name of the field; at most 64 characters.
    pub name: String,
    /// The value as text.
    pub value: String,
}

/// A field that is to have another value, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// The name of the field.
    pub name: String,
    /// The value as text; `None` takes the value away.
    pub value: Option<String>,
}

#[derive(FromQueryResult)]
struct FieldRow {
    user_id: i64,
    name: String,
    value: String,
}

impl From<FieldRow> for UserField {
    fn from(row: FieldRow) -> Self {
        let FieldRow { user_id, name, value } = row;
        Self { user_id, name, value }
    }
}

impl Store {
    /// The values of a user's fields.
    pub async fn fields_of(&self, user_id: i64) -> Result<Vec<UserField>, StoreError> {
        let rows = sql::all::<FieldRow, _>(self.reader(), OF_USER, [user_id.into()]);
        Ok(rows.await?.into_iter().map(UserField::from).collect())
    }

    /// The values of the fields of all users whose ids are within these two.
    pub async fn fields_between(
        &self,
        first_id: i64,
        last_id: i64,
    ) -> Result<Vec<UserField>, StoreError> {
        let values = [first_id.into(), last_id.into()];
        let rows = sql::all::<FieldRow, _>(self.reader(), OF_USERS, values);
        Ok(rows.await?.into_iter().map(UserField::from).collect())
    }
}

/// Changes fields of a user within a transaction.
pub(crate) async fn write(
    tx: &Transaction,
    backend: Backend,
    user_id: i64,
    changes: &[FieldChange],
) -> Result<(), DbErr> {
    let set = match backend {
        Backend::Mysql => SET_MYSQL,
        Backend::Sqlite | Backend::Postgres => SET,
    };
    for FieldChange { name, value } in changes {
        let name = name.as_str();
        match value.as_deref() {
            Some(value) => {
                sql::execute(tx, set, [user_id.into(), name.into(), value.into()]).await?;
            }
            None => {
                sql::execute(tx, CLEAR, [user_id.into(), name.into()]).await?;
            }
        }
    }
    Ok(())
}
