//! `account_emailaddress`: the addresses of users, and which of them are verified.
//!
//! Two rules are kept: an address is verified for one user only, and a user has one primary
//! address. Whoever verifies an address claims it first, so that two spellings of one address count
//! as the same. In addition SQLite and PostgreSQL have partial unique indexes. MySQL does not: there
//! a change that could break a rule looks first, under the lock of the user's row.

use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    Select,
};

use crate::connection::Transaction;
use crate::entity::account_emailaddress::{ActiveModel, Column, Entity, Model};
use crate::entity::{account_emailconfirmation, auth_user};
use crate::write::{Commit, RollBack};
use crate::{Backend, Store, StoreError, Unique, User, claims, user_columns, user_lock, with_user};

/// An address of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The primary key; Django's e-mail confirmation links carry it.
    pub id: i64,
    /// The owner.
    pub user_id: i64,
    /// The address, in lower case.
    pub email: String,
    /// Whether the owner has verified it.
    pub verified: bool,
    /// Whether it is the primary address.
    pub primary: bool,
}

/// An address to add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAddress {
    /// The address, in lower case.
    pub email: String,
    /// Whether it is verified already.
    pub verified: bool,
    /// Whether it is the primary address.
    pub primary: bool,
}

impl From<Model> for Address {
    fn from(row: Model) -> Self {
        let Model { id, email, verified, primary, user_id } = row;
        Self { id: id.0, user_id: user_id.0, email, verified, primary }
    }
}

impl Store {
    /// The addresses of a user, oldest first.
    pub async fn addresses_of(&self, user_id: i64) -> Result<Vec<Address>, StoreError> {
        if !self.has_addresses() {
            return Ok(Vec::new());
        }
        Ok(of(self.reader(), user_id).await?)
    }

    /// Finds an address by primary key.
    pub async fn address_by_id(&self, id: i64) -> Result<Option<Address>, StoreError> {
        if !self.has_addresses() {
            return Ok(None);
        }
        Ok(Entity::find_by_id(id).one(self.reader()).await?.map(Address::from))
    }

    /// Finds an address and its owner by the address's primary key.
    pub async fn address_with_user(&self, id: i64) -> Result<Option<(Address, User)>, StoreError> {
        if !self.has_addresses() {
            return Ok(None);
        }
        let address = Entity::find_by_id(id).find_also_related(auth_user::Entity);
        let found = with_user::one(self, address).await?;
        Ok(found.and_then(|(address, user)| Some((address.into(), user?))))
    }

    /// All rows of an address, given in lower case, the verified one first.
    pub async fn address_rows(&self, email: &str) -> Result<Vec<Address>, StoreError> {
        if !self.has_addresses() {
            return Ok(Vec::new());
        }
        Ok(rows_of(self.reader(), email).await?)
    }

    /// Whether a user has verified this address, given in lower case, in any of its spellings. What
    /// Django wrote counts in this spelling only.
    pub async fn verified_address_exists(&self, email: &str) -> Result<bool, StoreError> {
        let is_verified = self.address_rows(email).await?.iter().any(|row| row.verified);
        // Asked in either case, so that the time is the same.
        Ok(claims::is_email_claimed(self.reader(), email).await? || is_verified)
    }

    /// Adds an address.
    ///
    /// # Errors
    /// `Taken` with `VerifiedEmail`, `PrimaryEmail` or `Email`.
    pub async fn add_address(&self, user_id: i64, new: &NewAddress) -> Result<Address, StoreError> {
        self.write(|tx| async move {
            user_lock::lock(&tx, user_id).await?;
            Ok(Commit(insert(&tx, self.backend(), user_id, new).await?))
        })
        .await
    }

    /// Marks an address as verified. `false`: there is no such address.
    ///
    /// # Errors
    /// `Taken(VerifiedEmail)` if another user has verified it before.
    pub async fn set_address_verified(&self, id: i64) -> Result<bool, StoreError> {
        self.write(|tx| async move { Ok(Commit(mark_verified(&tx, self.backend(), id).await?)) })
            .await
    }

    /// Takes the verification of an address back. `false`: there is no such address.
    pub async fn set_address_unverified(&self, id: i64) -> Result<bool, StoreError> {
        Ok(set_verified(self.writer(), id, false).await?)
    }

    /// Makes an address the primary one, and writes it to the user's own column. `false`: the user
    /// has no such address.
    pub async fn set_address_primary(&self, user_id: i64, id: i64) -> Result<bool, StoreError> {
        self.write(|tx| async move {
            user_lock::lock(&tx, user_id).await?;
            let Some(address) = Entity::find_by_id(id).one(&tx).await? else {
                return Ok(RollBack(false));
            };
            if !make_primary(&tx, user_id, id).await? {
                return Ok(RollBack(false));
            }
            user_columns::set_email(&tx, user_id, &address.email).await?;
            Ok(Commit(true))
        })
        .await
    }
}

/// The addresses of a user, oldest first.
pub(crate) async fn of<C: ConnectionTrait>(db: &C, user_id: i64) -> Result<Vec<Address>, DbErr> {
    facts(db, Entity::find().filter(Column::UserId.eq(user_id)).order_by_asc(Column::Id)).await
}

/// All rows of an address, given in lower case, the verified one first.
async fn rows_of<C: ConnectionTrait>(db: &C, email: &str) -> Result<Vec<Address>, DbErr> {
    let rows = Entity::find().filter(Column::Email.eq(email));
    let rows = rows.order_by_desc(Column::Verified).order_by_asc(Column::Id);
    let mut found = facts(db, rows).await?;
    // MySQL's collations find more than was asked for.
    found.retain(|row| row.email == email);
    Ok(found)
}

async fn facts<C: ConnectionTrait>(db: &C, rows: Select<Entity>) -> Result<Vec<Address>, DbErr> {
    Ok(rows.all(db).await?.into_iter().map(Address::from).collect())
}

/// Marks an address as verified or not. `false`: there is no such address.
pub(crate) async fn set_verified<C: ConnectionTrait>(
    db: &C,
    id: i64,
    verified: bool,
) -> Result<bool, DbErr> {
    let changed = ActiveModel { verified: Set(verified), ..Default::default() };
    let row = Entity::update_many().set(changed).filter(Column::Id.eq(id));
    Ok(row.exec(db).await?.rows_affected == 1)
}

/// Makes an address of a user the primary one and the others not. `false`: the user has no such
/// address.
pub(crate) async fn make_primary(tx: &Transaction, user_id: i64, id: i64) -> Result<bool, DbErr> {
    let of_user = || Entity::update_many().filter(Column::UserId.eq(user_id));
    let primary = |primary| ActiveModel { primary: Set(primary), ..Default::default() };
    // The others first, or the index would see two.
    of_user().set(primary(false)).filter(Column::Id.ne(id)).exec(tx).await?;
    let row = of_user().set(primary(true)).filter(Column::Id.eq(id));
    Ok(row.exec(tx).await?.rows_affected == 1)
}

/// Removes an address with its pending confirmations. `false`: there is no such address.
pub(crate) async fn delete(tx: &Transaction, id: i64) -> Result<bool, DbErr> {
    let pending = account_emailconfirmation::Column::EmailAddressId.eq(id);
    account_emailconfirmation::Entity::delete_many().filter(pending).exec(tx).await?;
    Ok(Entity::delete_by_id(id).exec(tx).await?.rows_affected == 1)
}

/// Adds an address within a transaction.
pub(crate) async fn insert(
    tx: &Transaction,
    backend: Backend,
    user_id: i64,
    new: &NewAddress,
) -> Result<Address, StoreError> {
    if new.primary {
        keep_primary_unique(tx, backend, user_id).await?;
    }
    insert_first(tx, backend, user_id, new).await
}

/// Adds the first address of a user within the transaction that makes them: there is no other
/// primary one. As many statements whether it is the primary one or not, so that time does not tell
/// whether somebody has the address.
pub(crate) async fn insert_first(
    tx: &Transaction,
    backend: Backend,
    user_id: i64,
    new: &NewAddress,
) -> Result<Address, StoreError> {
    let NewAddress { email, verified, primary } = new.clone();
    if verified {
        keep_verified_unique(tx, backend, user_id, &email).await?;
    }
    let row = Entity::insert(ActiveModel {
        id: NotSet,
        email: Set(email.clone()),
        verified: Set(verified),
        primary: Set(primary),
        user_id: Set(user_id.into()),
    });
    let id = row.exec(tx).await?.last_insert_id.0;
    Ok(Address { id, user_id, email, verified, primary })
}

/// Marks an address as verified within a transaction. `false`: there is no such address.
///
/// # Errors
/// `Taken(VerifiedEmail)` if another user has verified it before.
pub(crate) async fn mark_verified(
    tx: &Transaction,
    backend: Backend,
    id: i64,
) -> Result<bool, StoreError> {
    let Some(address) = Entity::find_by_id(id).one(tx).await? else {
        return Ok(false);
    };
    if !address.verified {
        keep_verified_unique(tx, backend, address.user_id.0, &address.email).await?;
    }
    Ok(set_verified(tx, id, true).await?)
}

async fn keep_verified_unique(
    tx: &Transaction,
    backend: Backend,
    user_id: i64,
    email: &str,
) -> Result<(), StoreError> {
    claims::take_email(tx, user_id, email).await?;
    if backend != Backend::Mysql {
        return Ok(());
    }
    if rows_of(tx, email).await?.iter().any(|row| row.verified) {
        return Err(StoreError::Taken(Unique::VerifiedEmail));
    }
    Ok(())
}

async fn keep_primary_unique(
    tx: &Transaction,
    backend: Backend,
    user_id: i64,
) -> Result<(), StoreError> {
    if backend != Backend::Mysql {
        return Ok(());
    }
    if of(tx, user_id).await?.iter().any(|row| row.primary) {
        return Err(StoreError::Taken(Unique::PrimaryEmail));
    }
    Ok(())
}
