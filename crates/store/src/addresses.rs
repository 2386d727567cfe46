//! `account_emailaddress`: which addresses belong to whom, and which of them are proven.
//!
//! Two rules are kept: an address is verified for one user only, and a user has one primary
//! address. SQLite and PostgreSQL keep them by partial unique indexes, which MySQL does not have:
//! there a change that could break one first takes a lock and looks. Locks are taken in one order,
//! the user's row before that of all addresses, so that no two changes wait for each other.

use crate::connection::Transaction;
use crate::entity::address::{AddressRow, address_columns};
use crate::entity::user::{WithUser, user_columns, with_epoch};
use crate::{Backend, Store, StoreError, Unique, User, accounts, sql, user_lock};

macro_rules! select_address {
    ($rest:literal) => {
        concat!("SELECT ", address_columns!(), r#" FROM "account_emailaddress" "#, $rest)
    };
}

const OF_USER: &str = select_address!(r#"WHERE "user_id" = ? ORDER BY "id""#);
const BY_ID: &str = select_address!(r#"WHERE "id" = ?"#);
const BY_EMAIL: &str = select_address!(r#"WHERE "email" = ? ORDER BY "verified" DESC, "id""#);
const WITH_USER: &str = concat!(
    "SELECT ",
    user_columns!(),
    ", ",
    address_columns!(),
    r#" FROM "account_emailaddress" JOIN "auth_user" "#,
    r#"ON "auth_user"."id" = "account_emailaddress"."user_id""#,
    with_epoch!(),
    r#"WHERE "account_emailaddress"."id" = ?"#
);
const INSERT: &str = r#"INSERT INTO "account_emailaddress"
    ("email", "verified", "primary", "user_id") VALUES (?, ?, ?, ?)"#;
const SET_VERIFIED: &str = r#"UPDATE "account_emailaddress" SET "verified" = ? WHERE "id" = ?"#;
const CLEAR_PRIMARY: &str =
    r#"UPDATE "account_emailaddress" SET "primary" = ? WHERE "user_id" = ? AND "id" <> ?"#;
const SET_PRIMARY: &str =
    r#"UPDATE "account_emailaddress" SET "primary" = ? WHERE "user_id" = ? AND "id" = ?"#;
const DELETE_CONFIRMATIONS: &str =
    r#"DELETE FROM "account_emailconfirmation" WHERE "email_address_id" = ?"#;
const DELETE: &str = r#"DELETE FROM "account_emailaddress" WHERE "id" = ?"#;
/// Writing the row locks it until the transaction ends, whether it was there or not.
const LOCK_MYSQL: &str = r#"INSERT INTO "rest_auth_setting" ("name", "value")
    VALUES ('address_lock', '') ON DUPLICATE KEY UPDATE "value" = "value""#;

/// An address of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The primary key; Django's e-mail confirmation links carry it.
    pub id: i64,
    /// The owner.
    pub user_id: i64,
    /// The address, in lower case.
    pub email: String,
    /// Whether the owner has proven to read its mail.
    pub verified: bool,
    /// Whether mail goes here.
    pub primary: bool,
}

/// An address to add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAddress {
    /// The address, in lower case.
    pub email: String,
    /// Whether it is proven already.
    pub verified: bool,
    /// Whether mail goes here.
    pub primary: bool,
}

impl Store {
    /// The addresses of a user, oldest first.
    pub async fn addresses_of(&self, user_id: i64) -> Result<Vec<Address>, StoreError> {
        let rows = sql::all::<AddressRow, _>(self.reader(), OF_USER, [user_id.into()]).await?;
        Ok(rows.into_iter().map(Address::from).collect())
    }

    /// Finds an address by primary key.
    pub async fn address_by_id(&self, id: i64) -> Result<Option<Address>, StoreError> {
        let row = sql::one::<AddressRow, _>(self.reader(), BY_ID, [id.into()]).await?;
        Ok(row.map(Address::from))
    }

    /// Finds an address and its owner by the address's primary key.
    pub async fn address_with_user(&self, id: i64) -> Result<Option<(Address, User)>, StoreError> {
        let row =
            sql::one::<WithUser<AddressRow>, _>(self.reader(), WITH_USER, [id.into()]).await?;
        Ok(row.map(|WithUser(address, user)| (address.into(), user)))
    }

    /// All rows of an address, given in lower case, the verified one first.
    pub async fn address_rows(&self, email: &str) -> Result<Vec<Address>, StoreError> {
        let rows = sql::all::<AddressRow, _>(self.reader(), BY_EMAIL, [email.into()]).await?;
        // MySQL's collations find more than was asked for.
        Ok(rows.into_iter().map(Address::from).filter(|row| row.email == email).collect())
    }

    /// Whether somebody has proven to own this address, given in lower case.
    pub async fn verified_address_exists(&self, email: &str) -> Result<bool, StoreError> {
        Ok(self.address_rows(email).await?.iter().any(|row| row.verified))
    }

    /// Adds an address.
    ///
    /// # Errors
    /// `Taken` with `VerifiedEmail`, `PrimaryEmail` or `Email`.
    pub async fn add_address(&self, user_id: i64, new: &NewAddress) -> Result<Address, StoreError> {
        let tx = self.begin().await?;
        user_lock::lock(&tx, self.backend(), user_id).await?;
        let address = insert(&tx, self.backend(), user_id, new).await?;
        tx.commit().await?;
        Ok(address)
    }

    /// Marks an address as proven. `false`: there is no such address.
    ///
    /// # Errors
    /// `Taken(VerifiedEmail)` when another user has proven it before.
    pub async fn set_address_verified(&self, id: i64) -> Result<bool, StoreError> {
        let tx = self.begin().await?;
        if !mark_verified(&tx, self.backend(), id).await? {
            return Ok(false);
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Takes the verification of an address back. `false`: there is no such address.
    pub async fn set_address_unverified(&self, id: i64) -> Result<bool, StoreError> {
        Ok(sql::execute(self.writer(), SET_VERIFIED, [false.into(), id.into()]).await? == 1)
    }

    /// Makes an address the one that mail goes to: the others lose that, and the user's own
    /// column follows. `false`: the user has no such address.
    pub async fn set_address_primary(&self, user_id: i64, id: i64) -> Result<bool, StoreError> {
        let tx = self.begin().await?;
        user_lock::lock(&tx, self.backend(), user_id).await?;
        let Some(address) = sql::one::<AddressRow, _>(&tx, BY_ID, [id.into()]).await? else {
            return Ok(false);
        };
        if !make_primary(&tx, user_id, id).await? {
            return Ok(false);
        }
        accounts::set_email(&tx, user_id, &Address::from(address).email).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Removes an address with its pending confirmations. `false`: there is no such address.
    pub async fn delete_address(&self, id: i64) -> Result<bool, StoreError> {
        let tx = self.begin().await?;
        let removed = delete(&tx, id).await?;
        tx.commit().await?;
        Ok(removed)
    }
}

/// The addresses of a user within a transaction, oldest first.
pub(crate) async fn of(tx: &Transaction, user_id: i64) -> Result<Vec<Address>, StoreError> {
    let rows = sql::all::<AddressRow, _>(tx, OF_USER, [user_id.into()]).await?;
    Ok(rows.into_iter().map(Address::from).collect())
}

/// Makes an address of a user the primary one and the others not. `false`: the user has no such
/// address.
pub(crate) async fn make_primary(
    tx: &Transaction,
    user_id: i64,
    id: i64,
) -> Result<bool, StoreError> {
    // The others first, or the index would see two.
    sql::execute(tx, CLEAR_PRIMARY, [false.into(), user_id.into(), id.into()]).await?;
    Ok(sql::execute(tx, SET_PRIMARY, [true.into(), user_id.into(), id.into()]).await? == 1)
}

/// Removes an address with its pending confirmations. `false`: there is no such address.
pub(crate) async fn delete(tx: &Transaction, id: i64) -> Result<bool, StoreError> {
    sql::execute(tx, DELETE_CONFIRMATIONS, [id.into()]).await?;
    Ok(sql::execute(tx, DELETE, [id.into()]).await? == 1)
}

/// Adds an address within a transaction.
pub(crate) async fn insert(
    tx: &Transaction,
    backend: Backend,
    user_id: i64,
    new: &NewAddress,
) -> Result<Address, StoreError> {
    let NewAddress { email, verified, primary } = new.clone();
    if verified {
        keep_verified_unique(tx, backend, &email).await?;
    }
    if primary {
        keep_primary_unique(tx, backend, user_id).await?;
    }
    let values = [email.clone().into(), verified.into(), primary.into(), user_id.into()];
    let id = sql::insert(tx, INSERT, values).await?;
    Ok(Address { id, user_id, email, verified, primary })
}

/// Marks an address as proven within a transaction. `false`: there is no such address.
///
/// # Errors
/// `Taken(VerifiedEmail)` when another user has proven it before.
pub(crate) async fn mark_verified(
    tx: &Transaction,
    backend: Backend,
    id: i64,
) -> Result<bool, StoreError> {
    let Some(address) = sql::one::<AddressRow, _>(tx, BY_ID, [id.into()]).await? else {
        return Ok(false);
    };
    let address = Address::from(address);
    if !address.verified {
        keep_verified_unique(tx, backend, &address.email).await?;
    }
    Ok(sql::execute(tx, SET_VERIFIED, [true.into(), id.into()]).await? == 1)
}

async fn lock(tx: &Transaction, backend: Backend) -> Result<(), StoreError> {
    if backend == Backend::Mysql {
        sql::execute(tx, LOCK_MYSQL, []).await?;
    }
    Ok(())
}

async fn keep_verified_unique(
    tx: &Transaction,
    backend: Backend,
    email: &str,
) -> Result<(), StoreError> {
    if backend != Backend::Mysql {
        return Ok(());
    }
    lock(tx, backend).await?;
    let rows = sql::all::<AddressRow, _>(tx, BY_EMAIL, [email.into()]).await?;
    if rows.into_iter().map(Address::from).any(|row| row.verified && row.email == email) {
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
    lock(tx, backend).await?;
    if of(tx, user_id).await?.iter().any(|row| row.primary) {
        return Err(StoreError::Taken(Unique::PrimaryEmail));
    }
    Ok(())
}
