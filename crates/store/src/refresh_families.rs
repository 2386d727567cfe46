//! `rest_auth_refresh_*`: refresh tokens that rotate.
//!
//! Every login founds a family. A refresh token works once and then names its successor. Whoever
//! shows a consumed token again is either a client whose answer got lost, and then gets the same
//! successor for a short grace, or a thief, and then the whole family ends.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::sea_query::Value;

use crate::blacklist::{self, NewOutstanding, insert_outstanding_sql};
use crate::connection::Transaction;
use crate::device_tokens::Client;
use crate::entity::device::{FamilyRow, RefreshRow};
use crate::entity::user::{WithUser, user_columns, with_epoch};
use crate::{Backend, Store, StoreError, User, sql};

macro_rules! insert_family {
    () => {
        r#"INSERT INTO "rest_auth_refresh_family"
    ("id", "user_id", "epoch", "created_at", "ends_at", "user_agent", "ip")
    VALUES (?, ?, ?, ?, ?, ?, ?)"#
    };
}
macro_rules! insert_token {
    () => {
        r#"INSERT INTO "rest_auth_refresh_token"
    ("jti", "family_id", "issued_at", "expires_at") VALUES (?, ?, ?, ?)"#
    };
}

const INSERT_FAMILY: &str = insert_family!();
const INSERT_TOKEN: &str = insert_token!();
/// All rows of a login in one statement, which only PostgreSQL can: one way to the server and back
/// in place of five.
const FOUND: &str = concat!(
    r#"WITH "family" AS ("#,
    insert_family!(),
    r#"), "token" AS ("#,
    insert_token!(),
    r#") "#,
    insert_outstanding_sql!(),
);
const CONSUME: &str = r#"UPDATE "rest_auth_refresh_token" SET "consumed_at" = ?,
    "successor_jti" = ?, "successor_iat" = ?, "successor_exp" = ?
    WHERE "jti" = ? AND "consumed_at" IS NULL AND "expires_at" > ?
    AND "family_id" IN (SELECT "id" FROM "rest_auth_refresh_family"
        WHERE "revoked_at" IS NULL AND "ends_at" > ?)"#;
const BY_JTI: &str = r#"SELECT "rest_auth_refresh_token"."family_id" AS "family_id",
    "rest_auth_refresh_token"."expires_at" AS "expires_at",
    "rest_auth_refresh_token"."consumed_at" AS "consumed_at",
    "rest_auth_refresh_token"."successor_jti" AS "successor_jti",
    "rest_auth_refresh_token"."successor_iat" AS "successor_iat",
    "rest_auth_refresh_token"."successor_exp" AS "successor_exp",
    "rest_auth_refresh_family"."ends_at" AS "ends_at",
    "rest_auth_refresh_family"."revoked_at" AS "revoked_at"
    FROM "rest_auth_refresh_token" JOIN "rest_auth_refresh_family"
    ON "rest_auth_refresh_family"."id" = "rest_auth_refresh_token"."family_id"
    WHERE "rest_auth_refresh_token"."jti" = ?"#;
const REVOKE: &str = r#"UPDATE "rest_auth_refresh_family" SET "revoked_at" = ?
    WHERE "id" = ? AND "revoked_at" IS NULL"#;
const REVOKE_OF: &str = r#"UPDATE "rest_auth_refresh_family" SET "revoked_at" = ?
    WHERE "user_id" = ? AND "revoked_at" IS NULL"#;
const DELETE_ENDED: &str = r#"DELETE FROM "rest_auth_refresh_family" WHERE "ends_at" <= ?"#;
const WITH_USER: &str = concat!(
    r#"SELECT "rest_auth_refresh_family"."ends_at" AS "ends_at", "#,
    r#""rest_auth_refresh_family"."revoked_at" AS "revoked_at", "#,
    user_columns!(),
    r#" FROM "auth_user" LEFT JOIN "rest_auth_refresh_family" "#,
    r#"ON "rest_auth_refresh_family"."id" = ? "#,
    r#"AND "rest_auth_refresh_family"."user_id" = "auth_user"."id""#,
    with_epoch!(),
    r#"WHERE "auth_user"."id" = ?"#
);

/// A family to found.
#[derive(Clone, Debug)]
pub struct NewFamily {
    /// Its identifier, the claim `sid`; at most 64 characters.
    pub id: String,
    /// Whose it is.
    pub user_id: i64,
    /// The user's epoch at this moment.
    pub epoch: i64,
    /// When the user signed in.
    pub created_at: DateTime<Utc>,
    /// No refresh works from here on.
    pub ends_at: DateTime<Utc>,
    /// Who it is issued to.
    pub client: Client,
}

/// What identifies a refresh token, and all that is needed to sign it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshToken {
    /// The claim `jti`; at most 64 characters.
    pub jti: String,
    /// The claim `iat`.
    pub issued_at: DateTime<Utc>,
    /// The claim `exp`.
    pub expires_at: DateTime<Utc>,
}

/// What became of a refresh token that was shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Consumed {
    /// It worked; the successor is recorded. Of any number that race, exactly one is told so.
    Rotated,
    /// It had worked a moment ago; this is the successor that was recorded then.
    Replayed(RefreshToken),
    /// It had worked before: the family has been revoked now.
    Reused,
    /// There is no such token.
    Unknown,
    /// Its family had been revoked before.
    Revoked,
    /// It or its family has come to its end.
    Expired,
}

/// Whether tokens of a family are good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// They are.
    Alive,
    /// It was revoked, has ended, or never was this user's.
    Dead,
}

impl Store {
    /// Founds a family with its first token and, where SimpleJWT's record is kept too, that.
    ///
    /// # Errors
    /// `Taken(Token)` when an identifier exists.
    pub async fn create_family(
        &self,
        family: &NewFamily,
        first: &RefreshToken,
        outstanding: Option<&NewOutstanding>,
    ) -> Result<(), StoreError> {
        let of_family = family_values(family);
        let of_token = token_values(&family.id, first);
        if let (Backend::Postgres, Some(outstanding)) = (self.backend(), outstanding) {
            let values = of_family.into_iter().chain(of_token);
            let values = values.chain(blacklist::values(outstanding)).collect::<Vec<_>>();
            sql::execute(self.writer(), FOUND, values).await?;
            return Ok(());
        }
        let tx = self.begin().await?;
        sql::execute(&tx, INSERT_FAMILY, of_family).await?;
        sql::execute(&tx, INSERT_TOKEN, of_token).await?;
        if let Some(outstanding) = outstanding {
            blacklist::insert_outstanding(&tx, outstanding).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Consumes a refresh token and records its successor. One conditional UPDATE decides.
    pub async fn consume_refresh(
        &self,
        jti: &str,
        successor: &RefreshToken,
        now: DateTime<Utc>,
        grace: TimeDelta,
    ) -> Result<Consumed, StoreError> {
        let tx = self.begin().await?;
        let RefreshToken { jti: next, issued_at, expires_at } = successor.clone();
        let values = [
            now.into(),
            next.into(),
            issued_at.into(),
            expires_at.into(),
            jti.into(),
            now.into(),
            now.into(),
        ];
        let won = sql::execute(&tx, CONSUME, values).await? == 1;
        let Some(row) = sql::one::<RefreshRow, _>(&tx, BY_JTI, [jti.into()]).await? else {
            return Ok(Consumed::Unknown);
        };
        let outcome = if won {
            insert_token(&tx, &row.family_id, successor).await?;
            Consumed::Rotated
        } else {
            classify_reuse(&tx, row, now, grace).await?
        };
        tx.commit().await?;
        Ok(outcome)
    }

    /// Ends a family. `false`: there is none, or it had been revoked before.
    pub async fn revoke_family(&self, id: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
        Ok(sql::execute(self.writer(), REVOKE, [now.into(), id.into()]).await? == 1)
    }

    /// Ends all families of a user and tells how many.
    pub async fn revoke_families_of(
        &self,
        user_id: i64,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        Ok(sql::execute(self.writer(), REVOKE_OF, [now.into(), user_id.into()]).await?)
    }

    /// Forgets the families that have ended, with their tokens, and tells how many there were.
    pub async fn delete_ended_families(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        Ok(sql::execute(self.writer(), DELETE_ENDED, [now.into()]).await?)
    }

    /// Finds a user, and whether a family of that user is alive, in one question: what an access
    /// token needs.
    pub async fn user_by_id_with_family(
        &self,
        id: i64,
        family_id: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<(User, Family)>, StoreError> {
        let row = sql::one::<WithUser<FamilyRow>, _>(
            self.reader(),
            WITH_USER,
            [family_id.into(), id.into()],
        );
        Ok(row.await?.map(|WithUser(FamilyRow { ends_at, revoked_at }, user)| {
            let alive = revoked_at.is_none() && ends_at.is_some_and(|end| end.0 > now);
            (user, if alive { Family::Alive } else { Family::Dead })
        }))
    }
}

/// Why a token that is there did not work; a reuse ends its family.
async fn classify_reuse(
    tx: &Transaction,
    row: RefreshRow,
    now: DateTime<Utc>,
    grace: TimeDelta,
) -> Result<Consumed, StoreError> {
    let RefreshRow {
        family_id,
        expires_at,
        consumed_at,
        successor_jti,
        successor_iat,
        successor_exp,
        ends_at,
        revoked_at,
    } = row;
    if revoked_at.is_some() {
        return Ok(Consumed::Revoked);
    }
    let Some(consumed_at) = consumed_at else { return Ok(Consumed::Expired) };
    if ends_at.0 <= now || expires_at.0 <= now {
        return Ok(Consumed::Expired);
    }
    let in_grace = now.signed_duration_since(consumed_at.0) < grace;
    if let (true, Some(jti), Some(iat), Some(exp)) =
        (in_grace, successor_jti, successor_iat, successor_exp)
    {
        let successor = RefreshToken { jti, issued_at: iat.0, expires_at: exp.0 };
        return Ok(Consumed::Replayed(successor));
    }
    sql::execute(tx, REVOKE, [now.into(), family_id.into()]).await?;
    Ok(Consumed::Reused)
}

async fn insert_token(
    tx: &Transaction,
    family_id: &str,
    token: &RefreshToken,
) -> Result<(), StoreError> {
    sql::execute(tx, INSERT_TOKEN, token_values(family_id, token)).await?;
    Ok(())
}

/// In the order of [`INSERT_FAMILY`].
fn family_values(family: &NewFamily) -> [Value; 7] {
    let NewFamily { id, user_id, epoch, created_at, ends_at, client } = family.clone();
    let (user_agent, ip) = client.cut();
    [
        id.into(),
        user_id.into(),
        epoch.into(),
        created_at.into(),
        ends_at.into(),
        user_agent.into(),
        ip.into(),
    ]
}

/// In the order of [`INSERT_TOKEN`].
fn token_values(family_id: &str, token: &RefreshToken) -> [Value; 4] {
    let RefreshToken { jti, issued_at, expires_at } = token.clone();
    [jti.into(), family_id.into(), issued_at.into(), expires_at.into()]
}
