//! `rest_auth_token`: opaque tokens, one per device, of which only the SHA-256 is kept.

use chrono::{DateTime, Utc};

use crate::entity::device::DeviceTokenRow;
use crate::entity::user::{WithUser, user_columns, with_epoch};
use crate::{Store, StoreError, User, sql};

macro_rules! token_columns {
    () => {
        r#""rest_auth_token"."id" AS "id",
        "rest_auth_token"."digest" AS "digest",
        "rest_auth_token"."user_id" AS "user_id",
        "rest_auth_token"."epoch" AS "epoch",
        "rest_auth_token"."created_at" AS "created_at",
        "rest_auth_token"."last_used_at" AS "last_used_at",
        "rest_auth_token"."expires_at" AS "expires_at",
        "rest_auth_token"."user_agent" AS "user_agent",
        "rest_auth_token"."ip" AS "ip""#
    };
}

const INSERT: &str = r#"INSERT INTO "rest_auth_token" ("digest", "user_id", "epoch", "created_at",
    "last_used_at", "expires_at", "user_agent", "ip") VALUES (?, ?, ?, ?, ?, ?, ?, ?)"#;
const WITH_USER: &str = concat!(
    "SELECT ",
    token_columns!(),
    ", ",
    user_columns!(),
    r#" FROM "rest_auth_token" JOIN "auth_user" "#,
    r#"ON "auth_user"."id" = "rest_auth_token"."user_id""#,
    with_epoch!(),
    r#"WHERE "rest_auth_token"."digest" = ?"#
);
const OF_USER: &str = concat!(
    "SELECT ",
    token_columns!(),
    r#" FROM "rest_auth_token" WHERE "user_id" = ? ORDER BY "id""#
);
const TOUCH: &str = r#"UPDATE "rest_auth_token" SET "last_used_at" = ? WHERE "id" = ?"#;
const DELETE: &str = r#"DELETE FROM "rest_auth_token" WHERE "digest" = ?"#;
const DELETE_ONE_OF: &str = r#"DELETE FROM "rest_auth_token" WHERE "user_id" = ? AND "id" = ?"#;
const DELETE_OF: &str = r#"DELETE FROM "rest_auth_token" WHERE "user_id" = ?"#;
const DELETE_OTHERS_OF: &str =
    r#"DELETE FROM "rest_auth_token" WHERE "user_id" = ? AND "digest" <> ?"#;
const SET_EPOCH: &str =
    r#"UPDATE "rest_auth_token" SET "epoch" = ? WHERE "user_id" = ? AND "digest" = ?"#;
const DELETE_EXPIRED: &str = r#"DELETE FROM "rest_auth_token" WHERE "expires_at" <= ?"#;

/// The software that a credential was issued to, as it presented itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// The header `User-Agent`; 200 characters are kept.
    pub user_agent: String,
    /// The address as text; 45 characters are kept.
    pub ip: String,
}

impl Client {
    /// The parts, cut to their columns.
    pub(crate) fn cut(&self) -> (String, String) {
        let Self { user_agent, ip } = self;
        (user_agent.chars().take(200).collect(), ip.chars().take(45).collect())
    }
}

/// A token to keep.
#[derive(Clone, Debug)]
pub struct NewDeviceToken {
    /// SHA-256 of the token in hexadecimal.
    pub digest: String,
    /// Whose it is.
    pub user_id: i64,
    /// The user's epoch at this moment.
    pub epoch: i64,
    /// When it is issued.
    pub created_at: DateTime<Utc>,
    /// When it ends; never, if absent.
    pub expires_at: Option<DateTime<Utc>>,
    /// Who it is issued to.
    pub client: Client,
}

/// A token that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceToken {
    /// The primary key.
    pub id: i64,
    /// SHA-256 of the token in hexadecimal.
    pub digest: String,
    /// Whose it is.
    pub user_id: i64,
    /// The user's epoch when it was issued.
    pub epoch: i64,
    /// When it was issued.
    pub created_at: DateTime<Utc>,
    /// When it was last used, as far as that was written down.
    pub last_used_at: DateTime<Utc>,
    /// When it ends; never, if absent.
    pub expires_at: Option<DateTime<Utc>>,
    /// Who it was issued to.
    pub client: Client,
}

impl Store {
    /// Keeps a token and returns its primary key.
    ///
    /// # Errors
    /// `Taken(Token)` when the digest exists.
    pub async fn insert_device_token(&self, new: &NewDeviceToken) -> Result<i64, StoreError> {
        let NewDeviceToken { digest, user_id, epoch, created_at, expires_at, client } = new.clone();
        let (user_agent, ip) = client.cut();
        let values = [
            digest.into(),
            user_id.into(),
            epoch.into(),
            created_at.into(),
            created_at.into(),
            expires_at.into(),
            user_agent.into(),
            ip.into(),
        ];
        Ok(sql::insert(self.writer(), INSERT, values).await?)
    }

    /// Finds a token and its user. Whether it has expired or its epoch is over is for the caller
    /// to see.
    pub async fn device_token(
        &self,
        digest: &str,
    ) -> Result<Option<(DeviceToken, User)>, StoreError> {
        let row =
            sql::one::<WithUser<DeviceTokenRow>, _>(self.reader(), WITH_USER, [digest.into()]);
        Ok(row.await?.map(|WithUser(token, user)| (token.into(), user)))
    }

    /// The tokens of a user, oldest first.
    pub async fn device_tokens_of(&self, user_id: i64) -> Result<Vec<DeviceToken>, StoreError> {
        let rows = sql::all::<DeviceTokenRow, _>(self.reader(), OF_USER, [user_id.into()]).await?;
        Ok(rows.into_iter().map(DeviceToken::from).collect())
    }

    /// Writes down a use. `false`: the token is gone.
    pub async fn touch_device_token(&self, id: i64, at: DateTime<Utc>) -> Result<bool, StoreError> {
        Ok(sql::execute(self.writer(), TOUCH, [at.into(), id.into()]).await? == 1)
    }

    /// Forgets a token. `false`: there was none.
    pub async fn delete_device_token(&self, digest: &str) -> Result<bool, StoreError> {
        Ok(sql::execute(self.writer(), DELETE, [digest.into()]).await? == 1)
    }

    /// Forgets one token of a user. `false`: the user has no such token.
    pub async fn delete_device_token_of(&self, user_id: i64, id: i64) -> Result<bool, StoreError> {
        let values = [user_id.into(), id.into()];
        Ok(sql::execute(self.writer(), DELETE_ONE_OF, values).await? == 1)
    }

    /// Forgets all tokens of a user and tells how many there were.
    pub async fn delete_device_tokens_of(&self, user_id: i64) -> Result<u64, StoreError> {
        Ok(sql::execute(self.writer(), DELETE_OF, [user_id.into()]).await?)
    }

    /// Forgets all tokens of a user but one, which goes on under a new epoch, and tells whether
    /// there was that one.
    pub async fn keep_only_device_token(
        &self,
        user_id: i64,
        kept: &str,
        epoch: i64,
    ) -> Result<bool, StoreError> {
        let tx = self.begin().await?;
        sql::execute(&tx, DELETE_OTHERS_OF, [user_id.into(), kept.into()]).await?;
        let values = [epoch.into(), user_id.into(), kept.into()];
        let found = sql::execute(&tx, SET_EPOCH, values).await? == 1;
        tx.commit().await?;
        Ok(found)
    }

    /// Forgets the tokens that have ended and tells how many there were.
    pub async fn delete_expired_device_tokens(
        &self,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        Ok(sql::execute(self.writer(), DELETE_EXPIRED, [now.into()]).await?)
    }
}
