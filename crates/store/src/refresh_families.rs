//! `rest_auth_refresh_*`: refresh tokens that rotate.
//!
//! Every login starts a family. A refresh token works once and then has a successor. If a used
//! token comes again within a short grace period, the answer was probably lost, and the same
//! successor is returned. If it comes later, it was probably stolen, and the whole family ends.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{CommonTableExpression, Condition, Expr, ExprTrait as _, WithClause};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, Insert, QueryFilter as _,
    QuerySelect as _, QueryTrait as _,
};

use crate::blacklist::{self, NewOutstanding};
use crate::connection::Transaction;
use crate::device_tokens::TokenClient;
use crate::entity::{rest_auth_refresh_family as family, rest_auth_refresh_token as token};
use crate::write::{Commit, RollBack};
use crate::{Backend, Store, StoreError};

/// A family to start.
#[derive(Clone, Debug)]
pub struct NewFamily {
    /// Its identifier, the claim `sid`; at most 64 characters.
    pub id: String,
    /// The owner's user id.
    pub user_id: i64,
    /// The user's epoch at this moment.
    pub epoch: i64,
    /// When the user signed in.
    pub created_at: DateTime<Utc>,
    /// The end of the family.
    pub ends_at: DateTime<Utc>,
    /// The client that it is issued to.
    pub client: TokenClient,
    /// The login that it is handed out by, at most 32 characters; none if it comes from elsewhere.
    pub login: Option<String>,
    /// What was proven, as JSON.
    pub evidence: Option<String>,
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

/// How long a refresh token that was used can be used again, in case the answer was lost. It is
/// measured by the clock of the database, because instances may disagree about the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReuseGrace {
    /// In any case.
    pub always: TimeDelta,
    /// While its successor has not been used. Then nobody can have got the answer and gone on.
    pub while_unused: TimeDelta,
}

/// The result of using a refresh token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Consumed {
    /// It worked; the successor is recorded. Of any number of concurrent calls exactly one gets
    /// this result.
    Rotated,
    /// It had worked before, within the grace; this is the successor that was recorded then.
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

impl Store {
    /// Starts a family with its first token and, where SimpleJWT's record is kept too, that.
    ///
    /// # Errors
    /// `Taken(Token)` when an identifier exists.
    pub async fn create_family(
        &self,
        founded: &NewFamily,
        first: &RefreshToken,
        outstanding: Option<&NewOutstanding>,
    ) -> Result<(), StoreError> {
        if let (Backend::Postgres, Some(outstanding)) = (self.backend(), outstanding) {
            return Ok(self.create_at_once(founded, first, outstanding).await?);
        }
        self.write(|tx| async move {
            family_row(founded).exec_without_returning(&tx).await?;
            insert_token(&tx, &founded.id, first).await?;
            if let Some(outstanding) = outstanding {
                blacklist::insert_outstanding(&tx, outstanding).await?;
            }
            Ok(Commit(()))
        })
        .await
    }

    /// Writes all rows of a login in one statement, which only PostgreSQL can: one way to the
    /// server and back in place of five.
    async fn create_at_once(
        &self,
        founded: &NewFamily,
        first: &RefreshToken,
        outstanding: &NewOutstanding,
    ) -> Result<(), DbErr> {
        let mut family = CommonTableExpression::new();
        family.table_name("family").query(family_row(founded).into_query());
        let mut token = CommonTableExpression::new();
        token.table_name("token").query(token_row(&founded.id, first).into_query());
        let rows = WithClause::new().cte(family).cte(token).to_owned();
        let rows = rows.query(blacklist::outstanding_row(outstanding).into_query());
        self.writer().execute(&rows).await.map(drop)
    }

    /// Consumes a refresh token and records its successor. One conditional UPDATE decides.
    pub async fn consume_refresh(
        &self,
        jti: &str,
        successor: &RefreshToken,
        now: DateTime<Utc>,
        grace: ReuseGrace,
    ) -> Result<Consumed, StoreError> {
        let moment = Moment { now, in_database: self.database_time(now).await? };
        self.write(|tx| async move {
            let won = consume(&tx, jti, successor, moment).await?;
            let shown = token::Entity::find_by_id(jti).find_also_related(family::Entity);
            let shown = shown.into_model::<token::Model, Option<family::Model>>();
            let Some((token, Some(Some(family)))) = shown.one(&tx).await? else {
                return Ok(RollBack(Consumed::Unknown));
            };
            if won {
                insert_token(&tx, &token.family_id, successor).await?;
                return Ok(Commit(Consumed::Rotated));
            }
            Ok(Commit(classify_reuse(&tx, token, family, moment, grace).await?))
        })
        .await
    }

    /// Ends a family. `false`: there is none, or it had been revoked before.
    pub async fn revoke_family(&self, id: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
        Ok(revoke(self.writer(), family::Column::Id.eq(id), now).await? == 1)
    }

    /// Notes what was proven with a family. `false`: there is no such family.
    pub async fn set_family_evidence(&self, id: &str, evidence: &str) -> Result<bool, StoreError> {
        let noted =
            family::ActiveModel { evidence: Set(Some(evidence.to_owned())), ..Default::default() };
        let row = family::Entity::update_many().set(noted).filter(family::Column::Id.eq(id));
        Ok(row.exec(self.writer()).await?.rows_affected == 1)
    }

    /// Deletes the families that have ended, with their tokens, and returns how many there were.
    pub async fn delete_ended_families(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let ended = family::Entity::delete_many().filter(family::Column::EndsAt.lte(now));
        Ok(ended.exec(self.writer()).await?.rows_affected)
    }
}

/// The time of a use.
#[derive(Clone, Copy)]
struct Moment {
    /// By the clock that tokens are issued by.
    now: DateTime<Utc>,
    /// By the clock of the database.
    in_database: DateTime<Utc>,
}

/// Consumes a token, if it and its family still work. Of any number of concurrent calls exactly one
/// returns `true`.
async fn consume(
    tx: &Transaction,
    jti: &str,
    successor: &RefreshToken,
    Moment { now, in_database }: Moment,
) -> Result<bool, DbErr> {
    let working = family::Entity::find()
        .filter(family::Column::RevokedAt.is_null())
        .filter(family::Column::EndsAt.gt(now))
        .select_only()
        .column(family::Column::Id);
    let RefreshToken { jti: next, issued_at, expires_at } = successor.clone();
    let consumed = token::ActiveModel {
        consumed_at: Set(Some(in_database.into())),
        successor_jti: Set(Some(next)),
        successor_iat: Set(Some(issued_at.into())),
        successor_exp: Set(Some(expires_at.into())),
        ..Default::default()
    };
    let rows = token::Entity::update_many()
        .set(consumed)
        .filter(token::Column::Jti.eq(jti))
        .filter(token::Column::ConsumedAt.is_null())
        .filter(token::Column::ExpiresAt.gt(now))
        .filter(token::Column::FamilyId.in_subquery(working.into_query()));
    Ok(rows.exec(tx).await?.rows_affected == 1)
}

/// The reason why an existing token did not work. A reuse ends its family.
async fn classify_reuse(
    tx: &Transaction,
    token: token::Model,
    family: family::Model,
    Moment { now, in_database }: Moment,
    grace: ReuseGrace,
) -> Result<Consumed, DbErr> {
    if family.revoked_at.is_some() {
        return Ok(Consumed::Revoked);
    }
    let Some(consumed_at) = token.consumed_at else { return Ok(Consumed::Expired) };
    if family.ends_at.0 <= now || token.expires_at.0 <= now {
        return Ok(Consumed::Expired);
    }
    if let (Some(jti), Some(iat), Some(exp)) =
        (token.successor_jti, token.successor_iat, token.successor_exp)
    {
        let since = in_database.signed_duration_since(consumed_at.0);
        // Of two uses at the same moment the second may seem to be the earlier one.
        let is_within = |grace: TimeDelta| !grace.is_zero() && since < grace;
        if is_within(grace.always)
            || (is_within(grace.while_unused) && !is_consumed(tx, &jti).await?)
        {
            let successor = RefreshToken { jti, issued_at: iat.0, expires_at: exp.0 };
            return Ok(Consumed::Replayed(successor));
        }
    }
    revoke(tx, family::Column::Id.eq(family.id), now).await?;
    Ok(Consumed::Reused)
}

/// Whether a token has been used.
async fn is_consumed(tx: &Transaction, jti: &str) -> Result<bool, DbErr> {
    let token = token::Entity::find_by_id(jti).one(tx).await?;
    Ok(token.is_none_or(|token| token.consumed_at.is_some()))
}

/// Ends the families of a user, except perhaps one, and tells how many.
pub(crate) async fn revoke_of<C: ConnectionTrait>(
    db: &C,
    user_id: i64,
    except: Option<&str>,
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    let of_user = family::Column::UserId.eq(user_id);
    let others = match except {
        Some(kept) => of_user.and(family::Column::Id.ne(kept)),
        None => of_user,
    };
    revoke(db, others, now).await
}

/// Whether a user has this family, of this epoch, and it has not ended.
pub(crate) async fn is_under<C: ConnectionTrait>(
    db: &C,
    user_id: i64,
    id: &str,
    epoch: i64,
) -> Result<bool, DbErr> {
    let row = family::Entity::find_by_id(id).filter(family::Column::UserId.eq(user_id));
    let alive = row.filter(family::Column::RevokedAt.is_null());
    Ok(alive.filter(family::Column::Epoch.eq(epoch)).one(db).await?.is_some())
}

/// Lets a family of a user continue under this epoch.
pub(crate) async fn set_epoch<C: ConnectionTrait>(
    db: &C,
    user_id: i64,
    id: &str,
    epoch: i64,
) -> Result<(), DbErr> {
    let renewed = family::ActiveModel { epoch: Set(epoch), ..Default::default() };
    let row = family::Entity::update_many().set(renewed).filter(family::Column::UserId.eq(user_id));
    row.filter(family::Column::Id.eq(id)).exec(db).await?;
    Ok(())
}

/// Ends families that have not been ended before, and tells how many.
pub(crate) async fn revoke<C: ConnectionTrait>(
    db: &C,
    families: Expr,
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    let revoked = family::ActiveModel { revoked_at: Set(Some(now.into())), ..Default::default() };
    let alive = Condition::all().add(families).add(family::Column::RevokedAt.is_null());
    let rows = family::Entity::update_many().set(revoked).filter(alive);
    Ok(rows.exec(db).await?.rows_affected)
}

async fn insert_token(
    tx: &Transaction,
    family_id: &str,
    token: &RefreshToken,
) -> Result<(), DbErr> {
    token_row(family_id, token).exec_without_returning(tx).await.map(drop)
}

fn family_row(family: &NewFamily) -> Insert<family::ActiveModel> {
    let NewFamily { id, user_id, epoch, created_at, ends_at, client, login, evidence } =
        family.clone();
    let (user_agent, ip) = client.cut();
    family::Entity::insert(family::ActiveModel {
        id: Set(id),
        user_id: Set(user_id),
        epoch: Set(epoch),
        created_at: Set(created_at.into()),
        ends_at: Set(ends_at.into()),
        revoked_at: Set(None),
        user_agent: Set(user_agent),
        ip: Set(ip),
        login: Set(login),
        evidence: Set(evidence),
    })
}

fn token_row(family_id: &str, token: &RefreshToken) -> Insert<token::ActiveModel> {
    let RefreshToken { jti, issued_at, expires_at } = token.clone();
    token::Entity::insert(token::ActiveModel {
        jti: Set(jti),
        family_id: Set(family_id.to_owned()),
        issued_at: Set(issued_at.into()),
        expires_at: Set(expires_at.into()),
        consumed_at: Set(None),
        successor_jti: Set(None),
        successor_iat: Set(None),
        successor_exp: Set(None),
    })
}
