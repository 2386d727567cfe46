//! `django_session`, shared with Django.

use chrono::{DateTime, Utc};

use crate::entity::session::DjangoSessionRow;
use crate::entity::user::{WithOptionalUser, user_columns, with_epoch};
use crate::{Store, StoreError, User, sql};

const WITH_USER: &str = concat!(
    r#"SELECT "django_session"."session_key" AS "session_key", "#,
    r#""django_session"."session_data" AS "session_data", "#,
    r#""django_session"."expire_date" AS "expire_date", "#,
    user_columns!(),
    r#" FROM "django_session" LEFT JOIN "auth_user" ON "auth_user"."id" = ?"#,
    with_epoch!(),
    r#"WHERE "django_session"."session_key" = ? AND "django_session"."expire_date" > ?"#
);
const INSERT: &str = r#"INSERT INTO "django_session"
    ("session_key", "session_data", "expire_date") VALUES (?, ?, ?)"#;
const UPDATE: &str = r#"UPDATE "django_session" SET "session_data" = ?, "expire_date" = ?
    WHERE "session_key" = ?"#;
const DELETE: &str = r#"DELETE FROM "django_session" WHERE "session_key" = ?"#;
const DELETE_EXPIRED: &str = r#"DELETE FROM "django_session" WHERE "expire_date" < ?"#;

/// A session as Django stores it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// The signed and encoded content.
    pub data: String,
    /// The session is valid before this moment.
    pub expire_date: DateTime<Utc>,
}

impl Store {
    /// Finds a session that has not expired, and with it the user of the given id.
    ///
    /// Who is signed in stands inside the signed content, where no join can look. A caller that
    /// remembers the user of a key from last time passes it as a hint and saves a second question;
    /// the content decides whether the hint was right.
    pub async fn session_with_user_hint(
        &self,
        session_key: &str,
        hint: Option<i64>,
        now: DateTime<Utc>,
    ) -> Result<Option<(SessionRow, Option<User>)>, StoreError> {
        let values = [hint.into(), session_key.into(), now.into()];
        let row =
            sql::one::<WithOptionalUser<DjangoSessionRow>, _>(self.reader(), WITH_USER, values);
        let row = row.await?;
        // MySQL ignores case even in primary keys.
        Ok(row
            .filter(|WithOptionalUser(session, _)| session.session_key == session_key)
            .map(|WithOptionalUser(session, user)| (session.into(), user)))
    }

    /// Adds a session.
    ///
    /// # Errors
    /// `Taken(Token)` when the key exists: another must be drawn, never an existing one adopted.
    pub async fn insert_session(
        &self,
        session_key: &str,
        session: &SessionRow,
    ) -> Result<(), StoreError> {
        let SessionRow { data, expire_date } = session.clone();
        let values = [session_key.into(), data.into(), expire_date.into()];
        sql::execute(self.writer(), INSERT, values).await?;
        Ok(())
    }

    /// Overwrites a session. `false`: it has vanished, and nothing was written.
    pub async fn update_session(
        &self,
        session_key: &str,
        session: &SessionRow,
    ) -> Result<bool, StoreError> {
        let SessionRow { data, expire_date } = session.clone();
        let values = [data.into(), expire_date.into(), session_key.into()];
        Ok(sql::execute(self.writer(), UPDATE, values).await? == 1)
    }

    /// Removes a session. `false`: there was none.
    pub async fn delete_session(&self, session_key: &str) -> Result<bool, StoreError> {
        Ok(sql::execute(self.writer(), DELETE, [session_key.into()]).await? == 1)
    }

    /// Removes expired sessions, as Django's `clearsessions` does, and tells how many.
    pub async fn delete_expired_sessions(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        Ok(sql::execute(self.writer(), DELETE_EXPIRED, [now.into()]).await?)
    }
}
