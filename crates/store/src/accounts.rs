//! Making and changing users.

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use rest_auth_domain::password::EncodedPassword;
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ActiveModelTrait as _, DbErr, EntityTrait as _};

use crate::addresses::{self, Address, NewAddress};
use crate::connection::Transaction;
use crate::entity::auth_user::{ActiveModel, Entity};
use crate::outgoing::{self, Outgoing};
use crate::time::DjangoTime;
use crate::write::{Commit, RollBack};
use crate::{FieldChange, SameName, Store, StoreError, User};
use crate::{claims, epochs, one_time, user_columns, user_fields, user_lock};

/// A user to make.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The login name.
    pub username: String,
    /// From which names of others it must differ.
    pub same_name: SameName,
    /// The primary address in lower case, or empty.
    pub email: String,
    /// The given name, or empty.
    pub first_name: String,
    /// The family name, or empty.
    pub last_name: String,
    /// The encoded hash.
    pub password: EncodedPassword,
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

impl NewUser {
    /// An active user of this name, who has no address and no rights.
    #[must_use]
    pub fn active(username: String, password: EncodedPassword, date_joined: DateTime<Utc>) -> Self {
        Self {
            username,
            same_name: SameName::default(),
            email: String::new(),
            first_name: String::new(),
            last_name: String::new(),
            password,
            is_active: true,
            is_staff: false,
            is_superuser: false,
            date_joined,
            last_login: None,
            addresses: Vec::new(),
            fields: Vec::new(),
        }
    }
}

/// A secret of `rest_auth_one_time` that making a user uses up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SingleUse {
    /// Its primary key.
    pub id: i64,
    /// The time, by which it must not have ended.
    pub now: DateTime<Utc>,
}

/// A user that was made, with its addresses in the order given. Only the store makes one, so it
/// proves that the account is new.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CreatedUser {
    /// The user.
    pub user: User,
    /// The password column, as it was given.
    pub password: EncodedPassword,
    /// Its addresses.
    pub addresses: Vec<Address>,
}

/// The names to change; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct NameChange {
    /// The login name.
    pub username: Option<String>,
    /// From which names of others a new login name must differ.
    pub same_name: SameName,
    /// The given name.
    pub first_name: Option<String>,
    /// The family name.
    pub last_name: Option<String>,
}

/// The flags that Django's admin and permissions use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flags {
    /// Whether Django's admin lets the user in.
    pub is_staff: bool,
    /// Whether Django grants the user every permission.
    pub is_superuser: bool,
}

impl Store {
    /// Makes a user and puts the mails about it into the outbox: both or neither. The mails
    /// are written once the keys are known that their links must carry.
    ///
    /// # Errors
    /// `Taken` with `Username`, `VerifiedEmail`, `PrimaryEmail` or `Email`; nothing is kept then.
    pub async fn create_user_with_mail<L: Into<Outgoing>>(
        &self,
        new: &NewUser,
        mails: impl Fn(&CreatedUser) -> L + Send + Sync,
    ) -> Result<CreatedUser, StoreError> {
        let mails = &mails;
        self.write(|tx| async move {
            let created = self.insert_all(&tx, new).await?;
            let outgoing = mails(&created).into();
            outgoing::insert(&tx, &outgoing).await?;
            Ok(Commit(created))
        })
        .await
    }

    /// As [`Store::create_user_with_mail`], and uses up the single-use secret in the same
    /// transaction. If several registrations use the same one, only one succeeds. `None`: it was
    /// used up or had ended.
    ///
    /// # Errors
    /// As [`Store::create_user_with_mail`]; the secret is not used up then.
    pub async fn admit_user<L: Into<Outgoing>>(
        &self,
        new: &NewUser,
        single_use: Option<SingleUse>,
        mails: impl Fn(&CreatedUser) -> L + Send + Sync,
    ) -> Result<Option<CreatedUser>, StoreError> {
        let mails = &mails;
        self.write(|tx| async move {
            if !use_up(&tx, single_use).await? {
                return Ok(RollBack(None));
            }
            // As many statements as where all of it is rolled back: see `insert_and_roll_back`.
            let savepoint = tx.savepoint().await?;
            let created = self.insert_all(&savepoint, new).await?;
            savepoint.commit().await?;
            let outgoing = mails(&created).into();
            outgoing::insert(&tx, &outgoing).await?;
            Ok(Commit(Some(created)))
        })
        .await
    }

    /// Does what [`Store::admit_user`] does and rolls the user back, so that the response time and
    /// the errors are the same. The mails are kept, their secrets are decoys, and the single-use
    /// secret is used up. `false`: it was used up before.
    ///
    /// # Errors
    /// As [`Store::create_user_with_mail`]; nothing is kept then.
    pub async fn insert_and_roll_back(
        &self,
        new: &NewUser,
        single_use: Option<SingleUse>,
        outgoing: &Outgoing,
    ) -> Result<bool, StoreError> {
        self.write(|tx| async move {
            if !use_up(&tx, single_use).await? {
                return Ok(RollBack(false));
            }
            let savepoint = tx.savepoint().await?;
            self.insert_all(&savepoint, new).await?;
            savepoint.roll_back().await?;
            outgoing::insert_with_decoys(&tx, outgoing).await?;
            Ok(Commit(true))
        })
        .await
    }

    pub(crate) fn insert_all<'a>(
        &'a self,
        tx: &'a Transaction,
        new: &'a NewUser,
    ) -> BoxFuture<'a, Result<CreatedUser, StoreError>> {
        Box::pin(async move {
            let user = insert_user(tx, new).await?;
            let NewUser { username, same_name, .. } = new;
            claims::take_username(tx, self.backend(), user.id, username, *same_name).await?;
            let password = new.password.clone();
            let mut created = CreatedUser { user, password, addresses: Vec::new() };
            let addresses = if self.has_addresses() { &*new.addresses } else { &[] };
            let (id, backend) = (created.user.id, self.backend());
            for address in addresses {
                let made = if created.addresses.is_empty() {
                    addresses::insert_first(tx, backend, id, address).await?
                } else {
                    addresses::insert(tx, backend, id, address).await?
                };
                created.addresses.push(made);
            }
            user_fields::write(tx, created.user.id, &new.fields).await?;
            Ok(created)
        })
    }

    /// Changes names and further fields together. `false`: there is no such user; so for all
    /// functions below.
    ///
    /// # Errors
    /// `Taken(Username)`; nothing is changed then.
    pub async fn update_user_details(
        &self,
        id: i64,
        names: &NameChange,
        fields: &[FieldChange],
        outgoing: &Outgoing,
    ) -> Result<bool, StoreError> {
        self.write(|tx| async move {
            if user_lock::lock(&tx, id).await?.is_none() {
                return Ok(RollBack(false));
            }
            if let Some(name) = &names.username {
                claims::take_username(&tx, self.backend(), id, name, names.same_name).await?;
            }
            set_names(&tx, id, names).await?;
            user_fields::write(&tx, id, fields).await?;
            outgoing::insert(&tx, outgoing).await?;
            Ok(Commit(true))
        })
        .await
    }

    /// Remembers a sign-in.
    pub async fn set_last_login(&self, id: i64, at: DateTime<Utc>) -> Result<bool, StoreError> {
        let change = ActiveModel { last_login: Set(Some(at.into())), ..Default::default() };
        Ok(user_columns::update(self.writer(), id, change).await?)
    }

    /// Enables or disables a user. Disabling also ends all credentials of ours; those of Django are
    /// refused meanwhile, and are good again with the account, as there.
    pub async fn set_active(&self, id: i64, active: bool) -> Result<bool, StoreError> {
        self.write(|tx| async move {
            let change = ActiveModel { is_active: Set(active), ..Default::default() };
            if !user_columns::update(&tx, id, change).await? {
                return Ok(RollBack(false));
            }
            if !active {
                epochs::raise(&tx, id).await?;
            }
            Ok(Commit(true))
        })
        .await
    }

    /// Sets what Django's admin asks for.
    pub async fn set_flags(&self, id: i64, flags: Flags) -> Result<bool, StoreError> {
        let Flags { is_staff, is_superuser } = flags;
        let change = ActiveModel {
            is_staff: Set(is_staff),
            is_superuser: Set(is_superuser),
            ..Default::default()
        };
        Ok(user_columns::update(self.writer(), id, change).await?)
    }
}

pub(crate) async fn use_up(tx: &Transaction, single_use: Option<SingleUse>) -> Result<bool, DbErr> {
    match single_use {
        // First of all, so that other requests with the same secret wait for this row.
        Some(SingleUse { id, now }) => one_time::consume(tx, id, now).await,
        None => Ok(true),
    }
}

async fn set_names(tx: &Transaction, id: i64, change: &NameChange) -> Result<(), DbErr> {
    let NameChange { username, same_name: _, first_name, last_name } = change.clone();
    let set = |name: Option<String>| name.map_or(NotSet, Set);
    let change = ActiveModel {
        username: set(username),
        first_name: set(first_name),
        last_name: set(last_name),
        ..Default::default()
    };
    if change.is_changed() {
        user_columns::update(tx, id, change).await?;
    }
    Ok(())
}

async fn insert_user(tx: &Transaction, new: &NewUser) -> Result<User, StoreError> {
    let NewUser {
        username,
        same_name: _,
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
    let row = Entity::insert(ActiveModel {
        id: NotSet,
        username: Set(username.clone()),
        password: Set(password.as_str().to_owned()),
        email: Set(email.clone()),
        first_name: Set(first_name.clone()),
        last_name: Set(last_name.clone()),
        is_active: Set(is_active),
        is_staff: Set(is_staff),
        is_superuser: Set(is_superuser),
        last_login: Set(last_login.map(DjangoTime)),
        date_joined: Set(date_joined.into()),
    });
    let id = row.exec(tx).await?.last_insert_id.0;
    Ok(User {
        id,
        username,
        email,
        first_name,
        last_name,
        is_active,
        is_staff,
        is_superuser,
        last_login,
        date_joined,
        // Keys are not used twice, and a deleted user's epoch stays raised if one ever were.
        epoch: epochs::of(tx, id).await?,
    })
}
