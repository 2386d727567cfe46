//! `rest_auth_known_client`: which clients a user has logged in from, as digests.

use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;

use crate::outbox::{self, NewMail};
use crate::time::DjangoTime;
use crate::{Store, StoreError, Unique, sql};

/// The row of the client if there is one, else any row of the user.
const RECOGNIZE: &str = r#"SELECT "digest" AS "digest", "last_seen_at" AS "last_seen_at"
    FROM "rest_auth_known_client" WHERE "user_id" = ?
    ORDER BY CASE WHEN "digest" = ? THEN 0 ELSE 1 END LIMIT 1"#;
const INSERT: &str = r#"INSERT INTO "rest_auth_known_client"
    ("user_id", "digest", "last_seen_at") VALUES (?, ?, ?)"#;
const TOUCH: &str = r#"UPDATE "rest_auth_known_client" SET "last_seen_at" = ?
    WHERE "user_id" = ? AND "digest" = ?"#;
/// MySQL reads a table that it deletes from only through a table in between.
const DELETE_OLD: &str = r#"DELETE FROM "rest_auth_known_client" WHERE "last_seen_at" <= ? AND (
    "user_id" IN (SELECT "user_id" FROM (SELECT DISTINCT "user_id" FROM "rest_auth_known_client"
        WHERE "last_seen_at" > ?) AS "recent")
    OR "user_id" NOT IN (SELECT "id" FROM "auth_user"))"#;

/// A client that a user logs in from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownClient {
    /// The user.
    pub user_id: i64,
    /// What the client is recognized by: 64 characters at most.
    pub digest: String,
}

/// How well a client is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientRecognition {
    /// The user has not logged in from any client yet.
    First,
    /// The user has logged in from others.
    Stranger,
    /// The user has logged in from it.
    Known {
        /// When that was last noted.
        last_seen_at: DateTime<Utc>,
    },
}

#[derive(FromQueryResult)]
struct KnownClientRow {
    digest: String,
    last_seen_at: DjangoTime,
}

impl Store {
    /// Tells how well a client is known, with one query.
    pub async fn recognize_client(
        &self,
        client: &KnownClient,
    ) -> Result<ClientRecognition, StoreError> {
        let values = [client.user_id.into(), client.digest.as_str().into()];
        let row = sql::one::<KnownClientRow, _>(self.reader(), RECOGNIZE, values).await?;
        Ok(match row {
            None => ClientRecognition::First,
            Some(row) if row.digest == client.digest => {
                ClientRecognition::Known { last_seen_at: row.last_seen_at.0 }
            }
            Some(_) => ClientRecognition::Stranger,
        })
    }

    /// Remembers a client and puts the letters about it into the outbox: both or neither. Of any
    /// number that race, one is told `true`, and its letters go out alone.
    pub async fn remember_client(
        &self,
        client: &KnownClient,
        letters: &[NewMail],
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let tx = self.begin().await?;
        let values = [client.user_id.into(), client.digest.as_str().into(), now.into()];
        match sql::execute(&tx, INSERT, values).await.map_err(StoreError::from) {
            Ok(_) => {}
            Err(StoreError::Taken(Unique::Token)) => return Ok(false),
            Err(error) => return Err(error),
        }
        outbox::insert(&tx, letters).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Notes that a client was seen again. `false`: it is not known.
    pub async fn touch_known_client(
        &self,
        client: &KnownClient,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let values = [now.into(), client.user_id.into(), client.digest.as_str().into()];
        Ok(sql::execute(self.writer(), TOUCH, values).await? == 1)
    }

    /// Forgets clients that were not seen since a moment, and tells how many. Users none of whose
    /// clients were seen since keep theirs: otherwise a stranger would be taken for the first
    /// client of an account that nobody has used for long.
    pub async fn delete_old_known_clients(&self, until: DateTime<Utc>) -> Result<u64, StoreError> {
        Ok(sql::execute(self.writer(), DELETE_OLD, [until.into(), until.into()]).await?)
    }
}
