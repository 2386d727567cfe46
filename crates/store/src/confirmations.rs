//! `account_emailconfirmation`: mailed keys that are kept in the database, for projects with
//! `ACCOUNT_EMAIL_CONFIRMATION_HMAC = False`.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _};

use crate::addresses::Address;
use crate::entity::account_emailaddress;
use crate::entity::account_emailconfirmation::{ActiveModel, Column, Entity, Model};
use crate::time::DjangoTime;
use crate::{Store, StoreError};

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

impl From<Model> for Confirmation {
    fn from(row: Model) -> Self {
        let Model { id, created, sent, key, email_address_id } = row;
        Self {
            id: id.0,
            address_id: email_address_id.0,
            key,
            created: created.0,
            sent: sent.map(|time| time.0),
        }
    }
}

impl Store {
    /// Finds a key and the address it was sent to.
    pub async fn confirmation_by_key(
        &self,
        key: &str,
    ) -> Result<Option<(Confirmation, Address)>, StoreError> {
        let sent = Entity::find().filter(Column::Key.eq(key));
        let found = sent.find_both_related(account_emailaddress::Entity).one(self.reader()).await?;
        // MySQL ignores case.
        let found = found.filter(|(sent, _)| sent.key == key);
        Ok(found.map(|(sent, address)| (sent.into(), address.into())))
    }
}

/// Keeps a key.
pub(crate) async fn insert<C: ConnectionTrait>(db: &C, new: &NewConfirmation) -> Result<(), DbErr> {
    let NewConfirmation { address_id, key, created, sent } = new.clone();
    let row = Entity::insert(ActiveModel {
        id: NotSet,
        created: Set(created.into()),
        sent: Set(sent.map(DjangoTime)),
        key: Set(key),
        email_address_id: Set(address_id.into()),
    });
    row.exec_without_returning(db).await?;
    Ok(())
}
