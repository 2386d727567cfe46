//! `token_blacklist_*`: SimpleJWT's record of refresh tokens, and of those that are dead.

use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use sea_orm::sea_query::Value;

use crate::id::Id;
use crate::{Store, StoreError, Unique, sql};

/// Records a refresh token; [`values`] has the parameters.
macro_rules! insert_outstanding_sql {
    () => {
        r#"INSERT INTO "token_blacklist_outstandingtoken"
    ("token", "created_at", "expires_at", "user_id", "jti") VALUES (?, ?, ?, ?, ?)"#
    };
}
pub(crate) use insert_outstanding_sql;

const INSERT: &str = insert_outstanding_sql!();
const BY_JTI: &str =
    r#"SELECT "id", "jti" FROM "token_blacklist_outstandingtoken" WHERE "jti" = ?"#;
const BLACKLIST: &str = r#"INSERT INTO "token_blacklist_blacklistedtoken"
    ("blacklisted_at", "token_id") VALUES (?, ?)"#;
const BLACKLISTED: &str = r#"SELECT "token_blacklist_outstandingtoken"."id" AS "id",
    "token_blacklist_outstandingtoken"."jti" AS "jti" FROM "token_blacklist_outstandingtoken"
    JOIN "token_blacklist_blacklistedtoken" ON "token_blacklist_blacklistedtoken"."token_id"
        = "token_blacklist_outstandingtoken"."id"
    WHERE "token_blacklist_outstandingtoken"."jti" = ?"#;
const FLUSH_BLACKLISTED: &str = r#"DELETE FROM "token_blacklist_blacklistedtoken"
    WHERE "token_id" IN (SELECT "id" FROM "token_blacklist_outstandingtoken"
        WHERE "expires_at" <= ?)"#;
const FLUSH_OUTSTANDING: &str =
    r#"DELETE FROM "token_blacklist_outstandingtoken" WHERE "expires_at" <= ?"#;

/// A refresh token to record.
#[derive(Clone)]
pub struct NewOutstanding {
    /// The claim `jti`.
    pub jti: String,
    /// The whole token, as SimpleJWT keeps it.
    pub token: String,
    /// Whose it is.
    pub user_id: Option<i64>,
    /// When it was issued, if that is known.
    pub created_at: Option<DateTime<Utc>>,
    /// The claim `exp`.
    pub expires_at: DateTime<Utc>,
}

impl std::fmt::Debug for NewOutstanding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewOutstanding")
            .field("jti", &self.jti)
            .field("user_id", &self.user_id)
            .field("created_at", &self.created_at)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// What became of an attempt to blacklist a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blacklisting {
    /// This call did it. Of any number that race, exactly one is told so.
    Done,
    /// It had been done before.
    Already,
}

#[derive(FromQueryResult)]
struct OutstandingRow {
    id: Id,
    jti: String,
}

impl Store {
    /// Records a refresh token and returns its primary key.
    ///
    /// # Errors
    /// `Taken(Token)` when the `jti` is recorded already.
    pub async fn insert_outstanding(&self, new: &NewOutstanding) -> Result<i64, StoreError> {
        insert_outstanding(self.writer(), new).await
    }

    /// Whether a token is blacklisted.
    pub async fn is_blacklisted(&self, jti: &str) -> Result<bool, StoreError> {
        let row = sql::one::<OutstandingRow, _>(self.reader(), BLACKLISTED, [jti.into()]).await?;
        // MySQL ignores case.
        Ok(row.is_some_and(|row| row.jti == jti))
    }

    /// Blacklists a token; one that was never recorded is recorded now.
    pub async fn blacklist(
        &self,
        token: &NewOutstanding,
        now: DateTime<Utc>,
    ) -> Result<Blacklisting, StoreError> {
        self.rotate(token, None, now).await
    }

    /// Blacklists a token and records its successor: both or neither. The unique key of the
    /// blacklist decides who wins a race; losers record nothing.
    ///
    /// # Errors
    /// `Taken(Token)` when the successor's `jti` is recorded already.
    pub async fn rotate(
        &self,
        old: &NewOutstanding,
        new: Option<&NewOutstanding>,
        now: DateTime<Utc>,
    ) -> Result<Blacklisting, StoreError> {
        // Before the transaction: PostgreSQL would abort it when another call records it first.
        let token_id = self.get_or_create_outstanding(old).await?;
        let tx = self.begin().await?;
        let blacklisted = sql::execute(&tx, BLACKLIST, [now.into(), token_id.into()]).await;
        match blacklisted.map_err(StoreError::from) {
            Ok(_) => {}
            Err(StoreError::Taken(_)) => return Ok(Blacklisting::Already),
            Err(error) => return Err(error),
        }
        if let Some(new) = new {
            insert_outstanding(&tx, new).await?;
        }
        tx.commit().await?;
        Ok(Blacklisting::Done)
    }

    /// Forgets the tokens that have expired by themselves and tells how many there were.
    pub async fn flush_expired_tokens(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let tx = self.begin().await?;
        sql::execute(&tx, FLUSH_BLACKLISTED, [now.into()]).await?;
        let flushed = sql::execute(&tx, FLUSH_OUTSTANDING, [now.into()]).await?;
        tx.commit().await?;
        Ok(flushed)
    }

    async fn get_or_create_outstanding(&self, token: &NewOutstanding) -> Result<i64, StoreError> {
        if let Some(id) = self.outstanding_id(&token.jti).await? {
            return Ok(id);
        }
        match self.insert_outstanding(token).await {
            Err(StoreError::Taken(unique)) => {
                self.outstanding_id(&token.jti).await?.ok_or(StoreError::Taken(unique))
            }
            other => other,
        }
    }

    async fn outstanding_id(&self, jti: &str) -> Result<Option<i64>, StoreError> {
        let row = sql::one::<OutstandingRow, _>(self.reader(), BY_JTI, [jti.into()]).await?;
        match row {
            Some(row) if row.jti == jti => Ok(Some(row.id.0)),
            // On MySQL another token's `jti` that differs in case only: it must not be hit.
            Some(_) => Err(StoreError::Taken(Unique::Token)),
            None => Ok(None),
        }
    }
}

/// Records a refresh token within a transaction.
pub(crate) async fn insert_outstanding<C: sql::Writer>(
    db: &C,
    new: &NewOutstanding,
) -> Result<i64, StoreError> {
    Ok(sql::insert(db, INSERT, values(new)).await?)
}

/// In the order of [`insert_outstanding_sql`].
pub(crate) fn values(new: &NewOutstanding) -> [Value; 5] {
    let NewOutstanding { jti, token, user_id, created_at, expires_at } = new.clone();
    [token.into(), created_at.into(), expires_at.into(), user_id.into(), jti.into()]
}
