//! `authtoken_token`: one token per user, as Django REST framework has it.

use chrono::{DateTime, Utc};

use crate::entity::token::TokenRow;
use crate::entity::user::{WithUser, user_columns, with_epoch};
use crate::{Store, StoreError, User, sql};

const WITH_USER: &str = concat!(
    r#"SELECT "authtoken_token"."key" AS "key", "authtoken_token"."created" AS "created", "#,
    r#""authtoken_token"."user_id" AS "user_id", "#,
    user_columns!(),
    r#" FROM "authtoken_token" JOIN "auth_user" "#,
    r#"ON "auth_user"."id" = "authtoken_token"."user_id""#,
    with_epoch!(),
    r#"WHERE "authtoken_token"."key" = ?"#
);
const OF_USER: &str =
    r#"SELECT "key", "created", "user_id" FROM "authtoken_token" WHERE "user_id" = ?"#;
const INSERT: &str =
    r#"INSERT INTO "authtoken_token" ("key", "created", "user_id") VALUES (?, ?, ?)"#;
const REPLACE: &str =
    r#"UPDATE "authtoken_token" SET "key" = ?, "created" = ? WHERE "user_id" = ?"#;
const DELETE: &str = r#"DELETE FROM "authtoken_token" WHERE "user_id" = ?"#;

/// A token of Django REST framework's.
#[derive(Clone, PartialEq, Eq)]
pub struct DrfToken {
    /// The secret itself: 40 hexadecimal digits.
    pub key: String,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// Whose it is.
    pub user_id: i64,
}

impl std::fmt::Debug for DrfToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DrfToken")
            .field("created", &self.created)
            .field("user_id", &self.user_id)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Finds the user of a token.
    pub async fn token_user(&self, key: &str) -> Result<Option<User>, StoreError> {
        let row = sql::one::<WithUser<TokenRow>, _>(self.reader(), WITH_USER, [key.into()]).await?;
        // MySQL ignores case and accents even in primary keys.
        Ok(row.filter(|WithUser(token, _)| token.is(key)).map(|WithUser(_, user)| user))
    }

    /// The token of a user.
    pub async fn token_of(&self, user_id: i64) -> Result<Option<DrfToken>, StoreError> {
        let row = sql::one::<TokenRow, _>(self.reader(), OF_USER, [user_id.into()]).await?;
        Ok(row.map(DrfToken::from))
    }

    /// The token of a user; the new key becomes it if there is none. Callers that race all get
    /// the same token.
    pub async fn get_or_create_token(
        &self,
        user_id: i64,
        new_key: &str,
        now: DateTime<Utc>,
    ) -> Result<DrfToken, StoreError> {
        if let Some(token) = self.token_of(user_id).await? {
            return Ok(token);
        }
        match self.insert_token(user_id, new_key, now).await {
            Err(StoreError::Taken(unique)) => {
                self.token_of(user_id).await?.ok_or(StoreError::Taken(unique))
            }
            other => other,
        }
    }

    /// Gives a user a new token in place of the old one.
    pub async fn replace_token(
        &self,
        user_id: i64,
        new_key: &str,
        now: DateTime<Utc>,
    ) -> Result<DrfToken, StoreError> {
        let token = DrfToken { key: new_key.to_owned(), created: now, user_id };
        let values = || [new_key.into(), now.into(), user_id.into()];
        if sql::execute(self.writer(), REPLACE, values()).await? > 0 {
            return Ok(token);
        }
        match self.insert_token(user_id, new_key, now).await {
            // Somebody else was faster, so now there is one to replace.
            Err(StoreError::Taken(unique)) => {
                let replaced = sql::execute(self.writer(), REPLACE, values()).await?;
                if replaced > 0 { Ok(token) } else { Err(StoreError::Taken(unique)) }
            }
            other => other,
        }
    }

    /// Removes the token of a user and tells how many there were.
    pub async fn delete_tokens_of(&self, user_id: i64) -> Result<u64, StoreError> {
        Ok(sql::execute(self.writer(), DELETE, [user_id.into()]).await?)
    }

    async fn insert_token(
        &self,
        user_id: i64,
        key: &str,
        now: DateTime<Utc>,
    ) -> Result<DrfToken, StoreError> {
        sql::execute(self.writer(), INSERT, [key.into(), now.into(), user_id.into()]).await?;
        Ok(DrfToken { key: key.to_owned(), created: now, user_id })
    }
}
