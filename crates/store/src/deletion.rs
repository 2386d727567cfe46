//! Deleting a user, as Django does: the rows that refer to it first, in code, because no foreign
//! key of Django's deletes by itself.

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use crate::connection::Transaction;
use crate::id::Id;
use crate::outbox::{self, NewMail};
use crate::{Backend, Store, StoreError, epochs, sql, user_lock};

/// The tables that go with a user, in this order, each with a statement that needs the table.
const CASCADE: &[(&str, &str)] = &[
    // Letters that were given up, or sent but not forgotten yet, hold the address and links. Those
    // on their way arrive: a thief who deletes the account must not hide what he did before.
    (
        "account_emailaddress",
        r#"DELETE FROM "rest_auth_outbox" WHERE ("sent_at" IS NOT NULL OR "dead_at" IS NOT NULL)
            AND "to_address" IN (SELECT "email" FROM "account_emailaddress"
                WHERE "user_id" = ? AND "verified")"#,
    ),
    (
        "token_blacklist_outstandingtoken",
        r#"UPDATE "token_blacklist_outstandingtoken" SET "user_id" = NULL WHERE "user_id" = ?"#,
    ),
    ("authtoken_token", r#"DELETE FROM "authtoken_token" WHERE "user_id" = ?"#),
    (
        "account_emailconfirmation",
        r#"DELETE FROM "account_emailconfirmation" WHERE "email_address_id" IN
            (SELECT "id" FROM "account_emailaddress" WHERE "user_id" = ?)"#,
    ),
    ("account_emailaddress", r#"DELETE FROM "account_emailaddress" WHERE "user_id" = ?"#),
    (
        "socialaccount_socialtoken",
        r#"DELETE FROM "socialaccount_socialtoken" WHERE "account_id" IN
            (SELECT "id" FROM "socialaccount_socialaccount" WHERE "user_id" = ?)"#,
    ),
    (
        "socialaccount_socialaccount",
        r#"DELETE FROM "socialaccount_socialaccount" WHERE "user_id" = ?"#,
    ),
    (
        "dj_rest_auth_mfa_authenticator",
        r#"DELETE FROM "dj_rest_auth_mfa_authenticator" WHERE "user_id" = ?"#,
    ),
    ("mfa_authenticator", r#"DELETE FROM "mfa_authenticator" WHERE "user_id" = ?"#),
    ("usersessions_usersession", r#"DELETE FROM "usersessions_usersession" WHERE "user_id" = ?"#),
    ("auth_user_groups", r#"DELETE FROM "auth_user_groups" WHERE "user_id" = ?"#),
    (
        "auth_user_user_permissions",
        r#"DELETE FROM "auth_user_user_permissions" WHERE "user_id" = ?"#,
    ),
    ("rest_auth_token", r#"DELETE FROM "rest_auth_token" WHERE "user_id" = ?"#),
    ("rest_auth_session", r#"DELETE FROM "rest_auth_session" WHERE "user_id" = ?"#),
    ("rest_auth_refresh_family", r#"DELETE FROM "rest_auth_refresh_family" WHERE "user_id" = ?"#),
    ("rest_auth_known_client", r#"DELETE FROM "rest_auth_known_client" WHERE "user_id" = ?"#),
    ("rest_auth_one_time", r#"DELETE FROM "rest_auth_one_time" WHERE "user_id" = ?"#),
    ("rest_auth_user_field", r#"DELETE FROM "rest_auth_user_field" WHERE "user_id" = ?"#),
    ("auth_user", r#"DELETE FROM "auth_user" WHERE "id" = ?"#),
];

const TABLES: &str = "SELECT name AS t FROM sqlite_master WHERE type = 'table'";
const TABLES_POSTGRES: &str = "SELECT table_name::text AS t FROM information_schema.tables \
    WHERE table_schema = current_schema()";
const TABLES_MYSQL: &str = "SELECT CONVERT(table_name USING utf8mb4) AS t \
    FROM information_schema.tables WHERE table_schema = DATABASE()";

const REFERENCES: &str = r#"SELECT m.name AS t, f."from" AS c
    FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f
    WHERE m.type = 'table' AND f."table" = 'auth_user'"#;
const REFERENCES_POSTGRES: &str = "SELECT k.conrelid::regclass::text AS t, a.attname::text AS c \
    FROM pg_constraint k JOIN pg_attribute a \
    ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1] \
    WHERE k.contype = 'f' AND k.confrelid = to_regclass('auth_user')";
const REFERENCES_MYSQL: &str = "SELECT CONVERT(table_name USING utf8mb4) AS t, \
    CONVERT(column_name USING utf8mb4) AS c FROM information_schema.key_column_usage \
    WHERE referenced_table_schema = DATABASE() AND table_schema = DATABASE() \
    AND referenced_table_name = 'auth_user'";

const SUPERUSERS: &str =
    r#"SELECT "id" AS "id" FROM "auth_user" WHERE "is_superuser" AND "is_active" ORDER BY "id""#;
const SUPERUSERS_LOCKED: &str = r#"SELECT "id" AS "id" FROM "auth_user"
    WHERE "is_superuser" AND "is_active" ORDER BY "id" FOR UPDATE"#;

/// What became of a user that was to be deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// It is gone, with all that belonged to it.
    Deleted,
    /// There is no such user.
    NotFound,
    /// Tables that this server does not know refer to it; nothing was changed. Deactivate the
    /// user, or delete it in Django, which knows what those rows mean. The list is empty when they
    /// refer to something that would have gone along, such as an address.
    ReferencedBy(Vec<String>),
}

#[derive(FromQueryResult)]
struct SuperuserRow {
    id: Id,
}

#[derive(FromQueryResult)]
struct TableRow {
    t: String,
}

#[derive(FromQueryResult)]
struct ReferenceRow {
    t: String,
    c: String,
}

impl Store {
    /// Deletes a user and everything that belongs to it. Sessions of Django's are not linked to
    /// users: they stay until they expire and read as anonymous.
    pub async fn delete_user(&self, id: i64) -> Result<Deletion, StoreError> {
        let tx = self.begin().await?;
        self.delete(tx, id, &[]).await
    }

    /// Deletes a user and puts letters about it into the outbox, both or neither, unless it is the
    /// last active superuser: `None` then, and nothing was changed.
    pub async fn delete_user_unless_last_superuser(
        &self,
        id: i64,
        letters: &[NewMail],
    ) -> Result<Option<Deletion>, StoreError> {
        let tx = self.begin().await?;
        if self.is_last_superuser(&tx, id).await? {
            return Ok(None);
        }
        self.delete(tx, id, letters).await.map(Some)
    }

    async fn delete(
        &self,
        tx: Transaction,
        id: i64,
        letters: &[NewMail],
    ) -> Result<Deletion, StoreError> {
        if user_lock::lock(&tx, self.backend(), id).await?.is_none() {
            return Ok(Deletion::NotFound);
        }
        let strangers = self.strangers(&tx, id).await?;
        if !strangers.is_empty() {
            return Ok(Deletion::ReferencedBy(strangers));
        }
        match self.cascade(tx, id, letters).await {
            Ok(()) => Ok(Deletion::Deleted),
            // A stranger refers to something that would have gone along.
            Err(error) if error.is_foreign_key() => Ok(Deletion::ReferencedBy(Vec::new())),
            Err(error) => Err(error),
        }
    }

    /// Locks all superusers: of two who go at once the second sees that the first is gone.
    async fn is_last_superuser(&self, tx: &Transaction, id: i64) -> Result<bool, StoreError> {
        let text = match self.backend() {
            Backend::Sqlite => SUPERUSERS,
            Backend::Postgres | Backend::Mysql => SUPERUSERS_LOCKED,
        };
        let rows = sql::all::<SuperuserRow, _>(tx, text, []).await?;
        Ok(matches!(rows.as_slice(), [only] if only.id.0 == id))
    }

    async fn cascade(
        &self,
        tx: Transaction,
        id: i64,
        letters: &[NewMail],
    ) -> Result<(), StoreError> {
        let list = match self.backend() {
            Backend::Sqlite => TABLES,
            Backend::Postgres => TABLES_POSTGRES,
            Backend::Mysql => TABLES_MYSQL,
        };
        let present = sql::all::<TableRow, _>(&tx, list, []).await?;
        for (table, statement) in CASCADE {
            // A project has only the tables of the applications it installed.
            if present.iter().any(|row| row.t == *table) {
                sql::execute(&tx, statement, [id.into()]).await?;
            }
        }
        // Should the key ever come back, by a restored backup say, old credentials must not.
        epochs::raise(&tx, self.backend(), id).await?;
        outbox::insert(&tx, letters).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Tables outside the cascade with a row that refers to the user.
    async fn strangers(&self, tx: &Transaction, id: i64) -> Result<Vec<String>, StoreError> {
        let list = match self.backend() {
            Backend::Sqlite => REFERENCES,
            Backend::Postgres => REFERENCES_POSTGRES,
            Backend::Mysql => REFERENCES_MYSQL,
        };
        let mut found = Vec::new();
        for ReferenceRow { t, c } in sql::all::<ReferenceRow, _>(tx, list, []).await? {
            let known = CASCADE.iter().any(|(table, _)| *table == t);
            if !known && self.refers(tx, &t, &c, id).await? && !found.contains(&t) {
                found.push(t);
            }
        }
        Ok(found)
    }

    async fn refers(
        &self,
        tx: &Transaction,
        table: &str,
        column: &str,
        id: i64,
    ) -> Result<bool, DbErr> {
        // The names come from the catalogue. PostgreSQL has quoted its table where that is needed.
        let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
        let table = match self.backend() {
            Backend::Postgres => table.to_owned(),
            Backend::Sqlite | Backend::Mysql => quoted(table),
        };
        let text = format!("SELECT 1 FROM {table} WHERE {} = ? LIMIT 1", quoted(column));
        let statement = sql::statement(tx.get_database_backend(), &text, [id.into()]);
        Ok(tx.query_one_raw(statement).await?.is_some())
    }
}
