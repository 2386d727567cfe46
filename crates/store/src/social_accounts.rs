//! `socialaccount_socialaccount`: the identities of users at providers.

use chrono::{DateTime, Utc};
use rest_auth_domain::password::EncodedPassword;
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use serde_json::Value;

use crate::accounts::{SingleUse, use_up};
use crate::connection::Transaction;
use crate::entity::socialaccount_socialaccount::{ActiveModel, Column, Entity, Model};
use crate::entity::{auth_user, socialaccount_socialtoken};
use crate::json::JsonColumn;
use crate::one_time;
use crate::outgoing::{self, Outgoing};
use crate::user::FromUserRow;
use crate::write::{Commit, RollBack};
use crate::{CreatedUser, NewUser, Store, StoreError, User};
use crate::{epochs, user_lock, with_user};

/// An account at a provider.
#[derive(Clone, Debug, PartialEq)]
pub struct SocialAccount {
    /// The primary key.
    pub id: i64,
    /// The owner's user id.
    pub user_id: i64,
    /// The provider's id.
    pub provider: String,
    /// The user's identity there, as text.
    pub uid: String,
    /// The provider's data about the user.
    pub extra_data: Value,
    /// When the user last logged in with it.
    pub last_login: DateTime<Utc>,
    /// When the account was connected.
    pub date_joined: DateTime<Utc>,
}

/// An account to connect.
#[derive(Clone, Debug)]
pub struct NewSocialAccount {
    /// The provider's id.
    pub provider: String,
    /// The user's identity there, as text of 1 to 191 characters.
    pub uid: String,
    /// The provider's data about the user.
    pub extra_data: Value,
}

impl From<Model> for SocialAccount {
    fn from(row: Model) -> Self {
        let Model { id, provider, uid, last_login, date_joined, extra_data, user_id } = row;
        Self {
            id: id.0,
            user_id: user_id.0,
            provider,
            uid,
            extra_data: extra_data.0,
            last_login: last_login.0,
            date_joined: date_joined.0,
        }
    }
}

impl Store {
    /// Finds an account at a provider, and its user.
    pub async fn social_account<U: FromUserRow>(
        &self,
        provider: &str,
        uid: &str,
    ) -> Result<Option<(SocialAccount, U)>, StoreError> {
        let account = Entity::find()
            .filter(Column::Provider.eq(provider))
            .filter(Column::Uid.eq(uid))
            .find_also_related(auth_user::Entity);
        let found = with_user::one(self, account).await?;
        // MySQL takes uids that differ in case for the same; they are different people.
        let found = found.filter(|(found, _)| found.provider == provider && found.uid == uid);
        Ok(found.and_then(|(account, user)| Some((account.into(), user?))))
    }

    /// The accounts that a user has connected, oldest first.
    pub async fn social_accounts_of(&self, user_id: i64) -> Result<Vec<SocialAccount>, StoreError> {
        let rows = Entity::find().filter(Column::UserId.eq(user_id)).order_by_asc(Column::Id);
        let rows = rows.all(self.reader()).await?;
        Ok(rows.into_iter().map(SocialAccount::from).collect())
    }

    /// Connects an account to a user, as they were when they asked for it, and puts the mails about it
    /// into the outbox.
    ///
    /// # Errors
    /// `Taken(SocialAccount)` when it is connected already, to this user or another;
    /// [`StoreError::CredentialsEnded`] if the user's credentials ended meanwhile.
    pub async fn connect_social_account(
        &self,
        user: &User,
        new: &NewSocialAccount,
        outgoing: &Outgoing,
        now: DateTime<Utc>,
    ) -> Result<SocialAccount, StoreError> {
        self.write(|tx| async move {
            user_lock::lock(&tx, user.id).await?;
            if epochs::of(&tx, user.id).await? != user.epoch {
                return Err(StoreError::CredentialsEnded);
            }
            let account = insert(&tx, user.id, new, now).await?;
            outgoing::insert(&tx, outgoing).await?;
            Ok(Commit(account))
        })
        .await
    }

    /// Makes a user with an account at a provider, and puts the mails about it into the outbox: all
    /// or nothing. The mails are written once the keys are known that their links must carry. The
    /// single-use secret is used up with it. `None`: it was used up or had ended.
    ///
    /// # Errors
    /// As [`Store::create_user_with_mail`], and `Taken(SocialAccount)`; nothing is kept then, and the
    /// secret is not used up.
    pub async fn create_user_with_social_account<L: Into<Outgoing>>(
        &self,
        user: &NewUser,
        account: &NewSocialAccount,
        single_use: Option<SingleUse>,
        mails: impl Fn(&CreatedUser) -> L + Send + Sync,
    ) -> Result<Option<(CreatedUser, SocialAccount)>, StoreError> {
        let mails = &mails;
        self.write(|tx| async move {
            if !use_up(&tx, single_use).await? {
                return Ok(RollBack(None));
            }
            // As many statements as where all of it is rolled back.
            let savepoint = tx.savepoint().await?;
            let created = self.insert_all(&savepoint, user).await?;
            let account = insert(&savepoint, created.user.id, account, user.date_joined).await?;
            savepoint.commit().await?;
            outgoing::insert(&tx, &mails(&created).into()).await?;
            Ok(Commit(Some((created, account))))
        })
        .await
    }

    /// Does what [`Store::create_user_with_social_account`] does and rolls the user and the account
    /// back, so that the response time and the errors are the same. The mails are kept, and their
    /// secrets are decoys; the single-use secret is used up. `false`: it was used up before.
    ///
    /// # Errors
    /// As [`Store::create_user_with_social_account`]; nothing is kept then.
    pub async fn roll_back_user_with_social_account(
        &self,
        user: &NewUser,
        account: &NewSocialAccount,
        single_use: Option<SingleUse>,
        outgoing: &Outgoing,
    ) -> Result<bool, StoreError> {
        self.write(|tx| async move {
            if !use_up(&tx, single_use).await? {
                return Ok(RollBack(false));
            }
            let savepoint = tx.savepoint().await?;
            let created = self.insert_all(&savepoint, user).await?;
            insert(&savepoint, created.user.id, account, user.date_joined).await?;
            savepoint.roll_back().await?;
            outgoing::insert_with_decoys(&tx, outgoing).await?;
            Ok(Commit(true))
        })
        .await
    }

    /// Records a login, what identifies the user now, and the provider's data. `false`: the account
    /// does not exist any more.
    pub async fn refresh_social_account(
        &self,
        id: i64,
        told: &NewSocialAccount,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let visited = ActiveModel {
            uid: Set(told.uid.clone()),
            extra_data: Set(JsonColumn(told.extra_data.clone())),
            last_login: Set(now.into()),
            ..Default::default()
        };
        let row = Entity::update_many().set(visited).filter(Column::Id.eq(id));
        Ok(row.exec(self.writer()).await?.rows_affected == 1)
    }

    /// Disconnects an account of a user, with its tokens and what it has begun, if the user has
    /// another way in: `may_go` is asked with the other accounts of the user, and whether the user has
    /// a password.
    pub async fn disconnect_social_account(
        &self,
        user_id: i64,
        disconnection: Disconnection<'_>,
        may_go: impl Fn(&[SocialAccount], bool) -> bool + Send + Sync,
    ) -> Result<DisconnectResult, StoreError> {
        let may_go = &may_go;
        self.write(|tx| async move {
            let Disconnection { id, ends, outgoing, now } = disconnection;
            user_lock::lock(&tx, user_id).await?;
            let rows = Entity::find().filter(Column::UserId.eq(user_id)).order_by_asc(Column::Id);
            let mut rows = rows.all(&tx).await?;
            let Some(index) = rows.iter().position(|row| row.id.0 == id) else {
                return Ok(RollBack(DisconnectResult::NotFound));
            };
            let account = SocialAccount::from(rows.remove(index));
            let others: Vec<_> = rows.into_iter().map(SocialAccount::from).collect();
            let Some(user) = auth_user::Entity::find_by_id(user_id).one(&tx).await? else {
                return Ok(RollBack(DisconnectResult::NotFound));
            };
            if !may_go(&others, EncodedPassword::new(user.password).is_usable()) {
                return Ok(RollBack(DisconnectResult::Refused));
            }
            let tokens = socialaccount_socialtoken::Column::AccountId.eq(id);
            socialaccount_socialtoken::Entity::delete_many().filter(tokens).exec(&tx).await?;
            Entity::delete_by_id(id).exec(&tx).await?;
            one_time::discard_kinds(&tx, user_id, ends, now).await?;
            outgoing::insert(&tx, outgoing).await?;
            Ok(Commit(DisconnectResult::Done(account)))
        })
        .await
    }
}

/// An account to disconnect, and what goes with it.
#[derive(Clone, Copy)]
pub struct Disconnection<'d> {
    /// The primary key of the account.
    pub id: i64,
    /// The kinds of the user's secrets that end: those of logins that the account may have begun.
    pub ends: &'d [&'d str],
    /// The mails about it.
    pub outgoing: &'d Outgoing,
    /// When it happens.
    pub now: DateTime<Utc>,
}

/// How a disconnection ended.
#[derive(Clone, Debug, PartialEq)]
pub enum DisconnectResult {
    /// The account is disconnected.
    Done(SocialAccount),
    /// The user has no such account.
    NotFound,
    /// It may not go.
    Refused,
}

async fn insert(
    tx: &Transaction,
    user_id: i64,
    new: &NewSocialAccount,
    now: DateTime<Utc>,
) -> Result<SocialAccount, StoreError> {
    let NewSocialAccount { provider, uid, extra_data } = new.clone();
    let row = Entity::insert(ActiveModel {
        id: NotSet,
        provider: Set(provider.clone()),
        uid: Set(uid.clone()),
        last_login: Set(now.into()),
        date_joined: Set(now.into()),
        extra_data: Set(JsonColumn(extra_data.clone())),
        user_id: Set(user_id.into()),
    });
    let id = row.exec(tx).await?.last_insert_id.0;
    let (last_login, date_joined) = (now, now);
    Ok(SocialAccount { id, user_id, provider, uid, extra_data, last_login, date_joined })
}
