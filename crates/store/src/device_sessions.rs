//! `rest_auth_session`: sessions found by the SHA-256 of their key, joined to a real user.

use chrono::{DateTime, Utc};

use crate::device_tokens::Client;
use crate::entity::session::DeviceSessionRow;
use crate::entity::user::{WithOptionalUser, user_columns, with_epoch};
use crate::{Store, StoreError, User, sql};

macro_rules! session_columns {
    () => {
        r#""rest_auth_session"."digest" AS "digest",
        "rest_auth_session"."user_id" AS "user_id",
        "rest_auth_session"."epoch" AS "epoch",
        "rest_auth_session"."data" AS "data",
        "rest_auth_session"."created_at" AS "created_at",
        "rest_auth_session"."last_seen_at" AS "last_seen_at",
        "rest_auth_session"."expire_date" AS "expire_date",
        "rest_auth_session"."absolute_end" AS "absolute_end",
        "rest_auth_session"."user_agent" AS "user_agent",
        "rest_auth_session"."ip" AS "ip""#
    };
}

const WITH_USER: &str = concat!(
    "SELECT ",
    session_columns!(),
    ", ",
    user_columns!(),
    r#" FROM "rest_auth_session" LEFT JOIN "auth_user" "#,
    r#"ON "auth_user"."id" = "rest_auth_session"."user_id""#,
    with_epoch!(),
    r#"WHERE "rest_auth_session"."digest" = ? AND "rest_auth_session"."expire_date" > ? "#,
    r#"AND ("rest_auth_session"."absolute_end" IS NULL OR "#,
    r#""rest_auth_session"."absolute_end" > ?)"#
);
const OF_USER: &str = concat!(
    "SELECT ",
    session_columns!(),
    r#" FROM "rest_auth_session" WHERE "user_id" = ? AND "expire_date" > ? "#,
    r#"AND ("absolute_end" IS NULL OR "absolute_end" > ?) ORDER BY "created_at""#
);
const INSERT: &str = r#"INSERT INTO "rest_auth_session" ("user_id", "epoch", "data", "created_at",
    "last_seen_at", "expire_date", "absolute_end", "user_agent", "ip", "digest")
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"#;
const UPDATE: &str = r#"UPDATE "rest_auth_session" SET "user_id" = ?, "epoch" = ?, "data" = ?,
    "created_at" = ?, "last_seen_at" = ?, "expire_date" = ?, "absolute_end" = ?,
    "user_agent" = ?, "ip" = ? WHERE "digest" = ?"#;
const TOUCH: &str = r#"UPDATE "rest_auth_session" SET "last_seen_at" = ?, "expire_date" = ?
    WHERE "digest" = ?"#;
const DELETE: &str = r#"DELETE FROM "rest_auth_session" WHERE "digest" = ?"#;
const DELETE_OF: &str = r#"DELETE FROM "rest_auth_session" WHERE "user_id" = ? AND "digest" <> ?"#;
const DELETE_EXPIRED: &str = r#"DELETE FROM "rest_auth_session"
    WHERE "expire_date" <= ? OR "absolute_end" <= ?"#;

/// A session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceSession {
    /// SHA-256 of the session key in hexadecimal.
    pub digest: String,
    /// Who is signed in; nobody yet, if absent.
    pub user_id: Option<i64>,
    /// The user's epoch at sign-in; 0 while nobody is.
    pub epoch: i64,
    /// The content, in Django's encoding.
    pub data: String,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it was last used, as far as that was written down.
    pub last_seen_at: DateTime<Utc>,
    /// It ends here unless it is used before.
    pub expire_date: DateTime<Utc>,
    /// It ends here even if it is used; never, if absent.
    pub absolute_end: Option<DateTime<Utc>>,
    /// Who it was issued to.
    pub client: Client,
}

impl Store {
    /// Finds a session that has not ended, and who is signed in. Whether the epoch is over is for
    /// the caller to see.
    pub async fn device_session(
        &self,
        digest: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<(DeviceSession, Option<User>)>, StoreError> {
        let row = sql::one::<WithOptionalUser<DeviceSessionRow>, _>(
            self.reader(),
            WITH_USER,
            [digest.into(), now.into(), now.into()],
        );
        Ok(row.await?.map(|WithOptionalUser(session, user)| (session.into(), user)))
    }

    /// The sessions of a user that have not ended, oldest first.
    pub async fn device_sessions_of(
        &self,
        user_id: i64,
        now: DateTime<Utc>,
    ) -> Result<Vec<DeviceSession>, StoreError> {
        let values = [user_id.into(), now.into(), now.into()];
        let rows = sql::all::<DeviceSessionRow, _>(self.reader(), OF_USER, values).await?;
        Ok(rows.into_iter().map(DeviceSession::from).collect())
    }

    /// Adds a session.
    ///
    /// # Errors
    /// `Taken(Token)` when the digest exists.
    pub async fn insert_device_session(&self, session: &DeviceSession) -> Result<(), StoreError> {
        self.write_device_session(INSERT, session).await?;
        Ok(())
    }

    /// Overwrites a session. `false`: it has vanished, and nothing was written.
    pub async fn update_device_session(&self, session: &DeviceSession) -> Result<bool, StoreError> {
        Ok(self.write_device_session(UPDATE, session).await? == 1)
    }

    /// Writes down a use and moves the end. `false`: the session has vanished.
    pub async fn touch_device_session(
        &self,
        digest: &str,
        seen_at: DateTime<Utc>,
        expire_date: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let values = [seen_at.into(), expire_date.into(), digest.into()];
        Ok(sql::execute(self.writer(), TOUCH, values).await? == 1)
    }

    /// Removes a session. `false`: there was none.
    pub async fn delete_device_session(&self, digest: &str) -> Result<bool, StoreError> {
        Ok(sql::execute(self.writer(), DELETE, [digest.into()]).await? == 1)
    }

    /// Removes all sessions of a user, except perhaps the caller's, and tells how many.
    pub async fn delete_device_sessions_of(
        &self,
        user_id: i64,
        except: Option<&str>,
    ) -> Result<u64, StoreError> {
        // No digest is empty.
        let values = [user_id.into(), except.unwrap_or_default().into()];
        Ok(sql::execute(self.writer(), DELETE_OF, values).await?)
    }

    /// Removes the sessions that have ended and tells how many.
    pub async fn delete_expired_device_sessions(
        &self,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        Ok(sql::execute(self.writer(), DELETE_EXPIRED, [now.into(), now.into()]).await?)
    }

    async fn write_device_session(
        &self,
        statement: &'static str,
        session: &DeviceSession,
    ) -> Result<u64, StoreError> {
        let DeviceSession {
            digest,
            user_id,
            epoch,
            data,
            created_at,
            last_seen_at,
            expire_date,
            absolute_end,
            client,
        } = session.clone();
        let (user_agent, ip) = client.cut();
        let values = [
            user_id.into(),
            epoch.into(),
            data.into(),
            created_at.into(),
            last_seen_at.into(),
            expire_date.into(),
            absolute_end.into(),
            user_agent.into(),
            ip.into(),
            digest.into(),
        ];
        Ok(sql::execute(self.writer(), statement, values).await?)
    }
}
