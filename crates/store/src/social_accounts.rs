//! `socialaccount_socialaccount`: who a user is at a provider.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::entity::social::SocialAccountRow;
use crate::entity::user::{WithUser, user_columns, with_epoch};
use crate::{Store, StoreError, User, sql};

macro_rules! account_columns {
    () => {
        r#""socialaccount_socialaccount"."id" AS "id",
        "socialaccount_socialaccount"."user_id" AS "user_id",
        "socialaccount_socialaccount"."provider" AS "provider",
        "socialaccount_socialaccount"."uid" AS "uid",
        "socialaccount_socialaccount"."extra_data" AS "extra_data",
        "socialaccount_socialaccount"."last_login" AS "last_login",
        "socialaccount_socialaccount"."date_joined" AS "date_joined""#
    };
}

const WITH_USER: &str = concat!(
    "SELECT ",
    account_columns!(),
    ", ",
    user_columns!(),
    r#" FROM "socialaccount_socialaccount" JOIN "auth_user" "#,
    r#"ON "auth_user"."id" = "socialaccount_socialaccount"."user_id""#,
    with_epoch!(),
    r#"WHERE "socialaccount_socialaccount"."provider" = ? "#,
    r#"AND "socialaccount_socialaccount"."uid" = ?"#
);
const OF_USER: &str = concat!(
    "SELECT ",
    account_columns!(),
    r#" FROM "socialaccount_socialaccount" WHERE "user_id" = ? ORDER BY "id""#
);
const INSERT: &str = r#"INSERT INTO "socialaccount_socialaccount"
    ("provider", "uid", "last_login", "date_joined", "extra_data", "user_id")
    VALUES (?, ?, ?, ?, ?, ?)"#;
const REFRESH: &str = r#"UPDATE "socialaccount_socialaccount"
    SET "extra_data" = ?, "last_login" = ? WHERE "id" = ?"#;
const DELETE_TOKENS: &str = r#"DELETE FROM "socialaccount_socialtoken" WHERE "account_id" IN
    (SELECT "id" FROM "socialaccount_socialaccount" WHERE "id" = ? AND "user_id" = ?)"#;
const DELETE: &str =
    r#"DELETE FROM "socialaccount_socialaccount" WHERE "id" = ? AND "user_id" = ?"#;

/// An account at a provider.
#[derive(Clone, Debug, PartialEq)]
pub struct SocialAccount {
    /// The primary key.
    pub id: i64,
    /// Whose it is.
    pub user_id: i64,
    /// The provider's id.
    pub provider: String,
    /// Who the user is there, as text.
    pub uid: String,
    /// What the provider told of the user.
    pub extra_data: Value,
    /// When the user last came this way.
    pub last_login: DateTime<Utc>,
    /// When the account was connected.
    pub date_joined: DateTime<Utc>,
}

/// An account to connect.
#[derive(Clone, Debug)]
pub struct NewSocialAccount {
    /// Whose it is.
    pub user_id: i64,
    /// The provider's id.
    pub provider: String,
    /// Who the user is there, as text of 1 to 191 characters.
    pub uid: String,
    /// What the provider told of the user.
    pub extra_data: Value,
}

impl Store {
    /// Finds an account at a provider, and its user.
    pub async fn social_account(
        &self,
        provider: &str,
        uid: &str,
    ) -> Result<Option<(SocialAccount, User)>, StoreError> {
        let row = sql::one::<WithUser<SocialAccountRow>, _>(
            self.reader(),
            WITH_USER,
            [provider.into(), uid.into()],
        );
        let found = row.await?.map(|WithUser(row, user)| (SocialAccount::from(row), user));
        // MySQL takes uids that differ in case for the same; they are different people.
        Ok(found.filter(|(account, _)| account.provider == provider && account.uid == uid))
    }

    /// The accounts that a user has connected, oldest first.
    pub async fn social_accounts_of(&self, user_id: i64) -> Result<Vec<SocialAccount>, StoreError> {
        let rows =
            sql::all::<SocialAccountRow, _>(self.reader(), OF_USER, [user_id.into()]).await?;
        Ok(rows.into_iter().map(SocialAccount::from).collect())
    }

    /// Connects an account.
    ///
    /// # Errors
    /// `Taken(SocialAccount)` when it is connected already, to this user or another.
    pub async fn connect_social_account(
        &self,
        new: &NewSocialAccount,
        now: DateTime<Utc>,
    ) -> Result<SocialAccount, StoreError> {
        let NewSocialAccount { user_id, provider, uid, extra_data } = new.clone();
        let values = [
            provider.clone().into(),
            uid.clone().into(),
            now.into(),
            now.into(),
            extra_data.clone().into(),
            user_id.into(),
        ];
        let id = sql::insert(self.writer(), INSERT, values).await?;
        let (last_login, date_joined) = (now, now);
        Ok(SocialAccount { id, user_id, provider, uid, extra_data, last_login, date_joined })
    }

    /// Writes down a visit and what the provider told. `false`: the account is gone.
    pub async fn refresh_social_account(
        &self,
        id: i64,
        extra_data: &Value,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let values = [extra_data.clone().into(), now.into(), id.into()];
        Ok(sql::execute(self.writer(), REFRESH, values).await? == 1)
    }

    /// Disconnects an account of a user, with its tokens. `false`: the user has no such account.
    pub async fn disconnect_social_account(
        &self,
        user_id: i64,
        id: i64,
    ) -> Result<bool, StoreError> {
        let tx = self.begin().await?;
        sql::execute(&tx, DELETE_TOKENS, [id.into(), user_id.into()]).await?;
        let removed = sql::execute(&tx, DELETE, [id.into(), user_id.into()]).await?;
        tx.commit().await?;
        Ok(removed == 1)
    }
}
