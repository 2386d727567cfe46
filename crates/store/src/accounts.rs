//! Making and changing users.

use chrono::{DateTime, Utc};
use sea_orm::DbErr;

use crate::addresses::{self, Address, NewAddress};
use crate::connection::Transaction;
use crate::outbox::{self, Letters, NewMail};
use crate::write::{Commit, RollBack};
use crate::{FieldChange, Store, StoreError, StoredPassword, User};
use crate::{epochs, one_time, sql, user_fields};

const INSERT: &str = r#"INSERT INTO "auth_user" ("username", "email", "first_name", "last_name",
    "password", "is_active", "is_staff", "is_superuser", "last_login", "date_joined")
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"#;
const SET_NAMES: &str = r#"UPDATE "auth_user" SET "username" = COALESCE(?, "username"),
    "first_name" = COALESCE(?, "first_name"), "last_name" = COALESCE(?, "last_name")
    WHERE "id" = ?"#;
const SET_LAST_LOGIN: &str = r#"UPDATE "auth_user" SET "last_login" = ? WHERE "id" = ?"#;
const SET_ACTIVE: &str = r#"UPDATE "auth_user" SET "is_active" = ? WHERE "id" = ?"#;
const SET_FLAGS: &str =
    r#"UPDATE "auth_user" SET "is_staff" = ?, "is_superuser" = ? WHERE "id" = ?"#;
const SET_EMAIL: &str = r#"UPDATE "auth_user" SET "email" = ? WHERE "id" = ?"#;

/// A user to make.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The login name.
    pub username: String,
    /// The primary address in lower case, or empty.
    pub email: String,
    /// The given name, or empty.
    pub first_name: String,
    /// The family name, or empty.
    pub last_name: String,
    /// The encoded hash.
    pub password: StoredPassword,
    /// Whether the user may sign in.
    pub is_active: bool,
    /// Whether Django's admin lets the user in.
    pub is_staff: bool,
    /// Whether Django grants the user every permission.
    pub is_superuser: bool,
    /// When the account is made.
    pub date_joined: DateTime<Utc>,
    /// The last sign-in, for accounts that come from elsewhere.
    pub last_login: Option<DateTime<Utc>>,
    /// The addresses, at most one of them primary.
    pub addresses: Vec<NewAddress>,
    /// The values of the fields that a configuration adds.
    pub fields: Vec<FieldChange>,
}

/// A secret of `rest_auth_one_time` that making a user uses up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SingleUse {
    /// Its primary key.
    pub id: i64,
    /// The time, by which it must not have ended.
    pub now: DateTime<Utc>,
}

/// A user that was made, with its addresses in the order given.
#[derive(Clone, Debug)]
pub struct CreatedUser {
    /// The user.
    pub user: User,
    /// Its addresses.
    pub addresses: Vec<Address>,
}

/// The names to change; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct NameChange {
    /// The login name.
    pub username: Option<String>,
    /// The given name.
    pub first_name: Option<String>,
    /// The family name.
    pub last_name: Option<String>,
}

/// What Django's admin and permissions ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flags {
    /// Whether Django's admin lets the user in.
    pub is_staff: bool,
    /// Whether Django grants the user every permission.
    pub is_superuser: bool,
}

/// What happens to credentials issued so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Epoch {
    /// They stay good.
    Keep,
    /// They die.
    Bump,
}

impl Store {
    /// Makes a user with its addresses.
    ///
    /// # Errors
    /// `Taken` with `Username`, `VerifiedEmail`, `PrimaryEmail` or `Email`; nothing is kept then.
    pub async fn create_user(&self, new: &NewUser) -> Result<CreatedUser, StoreError> {
        self.create_user_with_mail(new, |_| Letters::default()).await
    }

    /// Makes a user and puts the letters about it into the outbox: both or neither. The letters
    /// are written once the keys are known that their links must carry.
    ///
    /// # Errors
    /// As [`Store::create_user`].
    pub async fn create_user_with_mail<L: Into<Letters>>(
        &self,
        new: &NewUser,
        letters: impl FnOnce(&CreatedUser) -> L + Send,
    ) -> Result<CreatedUser, StoreError> {
        let tx = self.begin().await?;
        let created = self.insert_all(&tx, new).await?;
        outbox::insert_letters(&tx, &letters(&created).into()).await?;
        tx.commit().await?;
        Ok(created)
    }

    /// As [`Store::create_user_with_mail`], and uses up a ticket, all together or nothing: of
    /// several users whom one ticket lets in, one is made. `None`: it was used up or had ended.
    ///
    /// # Errors
    /// As [`Store::create_user`]; the ticket is good as before then.
    pub async fn admit_user<L: Into<Letters>>(
        &self,
        new: &NewUser,
        single_use: Option<SingleUse>,
        letters: impl FnOnce(&CreatedUser) -> L + Send,
    ) -> Result<Option<CreatedUser>, StoreError> {
        let tx = self.begin().await?;
        if !use_up(&tx, single_use).await? {
            return Ok(None);
        }
        let created = self.insert_all(&tx, new).await?;
        outbox::insert_letters(&tx, &letters(&created).into()).await?;
        tx.commit().await?;
        Ok(Some(created))
    }

    /// Does what [`Store::admit_user`] does and takes the user back, so that the answer takes as
    /// long and fails as it would have. What stays are `letters`, and that the ticket is used up;
    /// `false`: it was before.
    ///
    /// # Errors
    /// As [`Store::create_user`]; nothing is kept then.
    pub async fn insert_and_roll_back(
        &self,
        new: &NewUser,
        single_use: Option<SingleUse>,
        letters: &[NewMail],
    ) -> Result<bool, StoreError> {
        let tx = self.begin().await?;
        if !use_up(&tx, single_use).await? {
            return Ok(false);
        }
        let rehearsal = tx.savepoint().await?;
        self.insert_all(&rehearsal, new).await?;
        rehearsal.roll_back().await?;
        outbox::insert(&tx, letters).await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn insert_all(&self, tx: &Transaction, new: &NewUser) -> Result<CreatedUser, StoreError> {
        let user = insert_user(tx, new).await?;
        let mut created = CreatedUser { user, addresses: Vec::new() };
        for address in &new.addresses {
            let made = addresses::insert(tx, self.backend(), created.user.id, address).await?;
            created.addresses.push(made);
        }
        user_fields::write(tx, created.user.id, &new.fields).await?;
        Ok(created)
    }

    /// Changes names and further fields together. `false`: there is no such user.
    ///
    /// # Errors
    /// `Taken(Username)`; nothing is changed then.
    pub async fn update_user_details(
        &self,
        id: i64,
        names: &NameChange,
        fields: &[FieldChange],
    ) -> Result<bool, StoreError> {
        if fields.is_empty() {
            return self.update_user_names(id, names).await;
        }
        let tx = self.begin().await?;
        if !set_names(&tx, id, names).await? {
            return Ok(false);
        }
        user_fields::write(&tx, id, fields).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Changes names. `false`: there is no such user; so for all functions below.
    ///
    /// # Errors
    /// `Taken(Username)`.
    pub async fn update_user_names(
        &self,
        id: i64,
        change: &NameChange,
    ) -> Result<bool, StoreError> {
        Ok(set_names(self.writer(), id, change).await?)
    }

    /// Remembers a sign-in.
    pub async fn set_last_login(&self, id: i64, at: DateTime<Utc>) -> Result<bool, StoreError> {
        Ok(sql::execute(self.writer(), SET_LAST_LOGIN, [at.into(), id.into()]).await? == 1)
    }

    /// Lets a user sign in or not. Turning off also ends all credentials.
    pub async fn set_active(&self, id: i64, active: bool) -> Result<bool, StoreError> {
        self.write(|tx| async move {
            if sql::execute(&tx, SET_ACTIVE, [active.into(), id.into()]).await? == 0 {
                return Ok(RollBack(false));
            }
            if !active {
                epochs::raise(&tx, self.backend(), id).await?;
            }
            Ok(Commit(true))
        })
        .await
    }

    /// Sets what Django's admin asks for.
    pub async fn set_flags(&self, id: i64, flags: Flags) -> Result<bool, StoreError> {
        let Flags { is_staff, is_superuser } = flags;
        let values = [is_staff.into(), is_superuser.into(), id.into()];
        Ok(sql::execute(self.writer(), SET_FLAGS, values).await? == 1)
    }

    /// Sets the user's own column of the address; the address rows stay as they are.
    pub async fn set_email(&self, id: i64, email: &str) -> Result<bool, StoreError> {
        Ok(set_email(self.writer(), id, email).await?)
    }
}

async fn use_up(tx: &Transaction, single_use: Option<SingleUse>) -> Result<bool, DbErr> {
    match single_use {
        // Before anything else, so that others with the same ticket wait for it and not for a name.
        Some(SingleUse { id, now }) => one_time::consume(tx, id, now).await,
        None => Ok(true),
    }
}

async fn set_names<C: sql::Writer>(db: &C, id: i64, change: &NameChange) -> Result<bool, DbErr> {
    let NameChange { username, first_name, last_name } = change.clone();
    let values = [username.into(), first_name.into(), last_name.into(), id.into()];
    Ok(sql::execute(db, SET_NAMES, values).await? == 1)
}

/// Sets the user's own column of the address.
pub(crate) async fn set_email<C: sql::Writer>(db: &C, id: i64, email: &str) -> Result<bool, DbErr> {
    Ok(sql::execute(db, SET_EMAIL, [email.into(), id.into()]).await? == 1)
}

async fn insert_user(tx: &Transaction, new: &NewUser) -> Result<User, StoreError> {
    let NewUser {
        username,
        email,
        first_name,
        last_name,
        password,
        is_active,
        is_staff,
        is_superuser,
        date_joined,
        last_login,
        addresses: _,
        fields: _,
    } = new.clone();
    let values = [
        username.clone().into(),
        email.clone().into(),
        first_name.clone().into(),
        last_name.clone().into(),
        password.as_str().into(),
        is_active.into(),
        is_staff.into(),
        is_superuser.into(),
        last_login.into(),
        date_joined.into(),
    ];
    let id = sql::insert(tx, INSERT, values).await?;
    Ok(User {
        id,
        username,
        email,
        first_name,
        last_name,
        password,
        is_active,
        is_staff,
        is_superuser,
        last_login,
        date_joined,
        // Keys are not used twice, and a deleted user's epoch stays raised if one ever were.
        epoch: epochs::of(tx, id).await?,
    })
}
