//! `account_emailconfirmation`: mailed keys that are kept in the database, for projects with
//! `ACCOUNT_EMAIL_CONFIRMATION_HMAC = False`.

use chrono::{DateTime, Utc};

use crate::addresses::Address;
use crate::entity::address::{ConfirmationRow, address_columns};
use crate::{Store, StoreError, sql};

const INSERT: &str = r#"INSERT INTO "account_emailconfirmation"
    ("created", "sent", "key", "email_address_id") VALUES (?, ?, ?, ?)"#;
const BY_KEY: &str = concat!(
    r#"SELECT "account_emailconfirmation"."id" AS "c_id", "#,
    r#""account_emailconfirmation"."key" AS "c_key", "#,
    r#""account_emailconfirmation"."created" AS "c_created", "#,
    r#""account_emailconfirmation"."sent" AS "c_sent", "#,
    address_columns!(),
    r#" FROM "account_emailconfirmation" JOIN "account_emailaddress" "#,
    r#"ON "account_emailaddress"."id" = "account_emailconfirmation"."email_address_id" "#,
    r#"WHERE "account_emailconfirmation"."key" = ?"#
);
const DELETE_OF: &str = r#"DELETE FROM "account_emailconfirmation" WHERE "email_address_id" = ?"#;

/// A mailed key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmation {
    /// The primary key.
    pub id: i64,
    /// The address it was sent to.
    pub address_id: i64,
    /// The secret: 64 characters a-z and 0-9.
    pub key: String,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// When it was sent; its validity counts from here.
    pub sent: Option<DateTime<Utc>>,
}

/// A key to mail.
#[derive(Clone, Debug)]
pub struct NewConfirmation {
    /// The address it goes to.
    pub address_id: i64,
    /// The secret: 64 characters a-z and 0-9.
    pub key: String,
    /// When it is made.
    pub created: DateTime<Utc>,
    /// When it is sent.
    pub sent: Option<DateTime<Utc>>,
}

impl Store {
    /// Keeps a key and returns its primary key.
    pub async fn insert_confirmation(&self, new: &NewConfirmation) -> Result<i64, StoreError> {
        insert(self.writer(), new).await
    }

    /// Finds a key and the address it was sent to.
    pub async fn confirmation_by_key(
        &self,
        key: &str,
    ) -> Result<Option<(Confirmation, Address)>, StoreError> {
        let row = sql::one::<ConfirmationRow, _>(self.reader(), BY_KEY, [key.into()]).await?;
        // MySQL ignores case.
        Ok(row.map(<(Confirmation, Address)>::from).filter(|(found, _)| found.key == key))
    }

    /// Forgets the keys of an address and tells how many there were.
    pub async fn delete_confirmations_of(&self, address_id: i64) -> Result<u64, StoreError> {
        Ok(sql::execute(self.writer(), DELETE_OF, [address_id.into()]).await?)
    }
}

pub(crate) async fn insert<C: sql::Writer>(
    db: &C,
    new: &NewConfirmation,
) -> Result<i64, StoreError> {
    let NewConfirmation { address_id, key, created, sent } = new.clone();
    let values = [created.into(), sent.into(), key.into(), address_id.into()];
    Ok(sql::insert(db, INSERT, values).await?)
}
