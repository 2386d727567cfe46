//! `token_blacklist_*`: SimpleJWT's record of refresh tokens, and of revoked ones.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict, Query, SelectStatement, Value};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, Insert, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, QueryTrait as _, Select,
};

use crate::connection::Transaction;
use crate::entity::rest_auth_refresh_token as refreshed;
use crate::entity::token_blacklist_blacklistedtoken as blacklisted;
use crate::entity::token_blacklist_outstandingtoken as outstanding;
use crate::id::Id;
use crate::time::DjangoTime;
use crate::write::{Commit, RollBack};
use crate::{Store, StoreError, Unique};

/// A refresh token to record.
#[derive(Clone)]
pub struct NewOutstanding {
    /// The claim `jti`.
    pub jti: String,
    /// The whole token, as SimpleJWT keeps it.
    pub token: String,
    /// The owner's user id.
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

impl From<outstanding::Model> for NewOutstanding {
    fn from(row: outstanding::Model) -> Self {
        Self {
            jti: row.jti,
            token: row.token,
            user_id: row.user_id.map(|id| id.0),
            created_at: row.created_at.map(|time| time.0),
            expires_at: row.expires_at.0,
        }
    }
}

/// The result of blacklisting a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blacklisting {
    /// This call did it. Of any number of concurrent calls exactly one gets this result.
    Done,
    /// It was blacklisted before.
    Already,
}

impl Store {
    /// Records a refresh token and returns its primary key.
    ///
    /// # Errors
    /// `Taken(Token)` when the `jti` is recorded already.
    pub async fn insert_outstanding(&self, new: &NewOutstanding) -> Result<i64, StoreError> {
        Ok(insert_outstanding(self.writer(), new).await?)
    }

    /// Whether a token is blacklisted.
    pub async fn is_blacklisted(&self, jti: &str) -> Result<bool, StoreError> {
        let token = by_jti(jti.into()).inner_join(blacklisted::Entity);
        let found = token.into_tuple::<String>().one(self.reader()).await?;
        // MySQL ignores case.
        Ok(found.is_some_and(|found| found == jti))
    }

    /// The tokens of a user that are alive, oldest first: neither expired nor blacklisted.
    pub async fn outstanding_of(
        &self,
        user_id: i64,
        now: DateTime<Utc>,
    ) -> Result<Vec<NewOutstanding>, StoreError> {
        let tokens = alive_of(user_id, now).order_by_asc(outstanding::Column::Id);
        let rows = tokens.all(self.reader()).await?;
        Ok(rows.into_iter().map(NewOutstanding::from).collect())
    }

    /// Those of them that belong to no family, such as the ones that Django issued.
    pub async fn outstanding_without_family_of(
        &self,
        user_id: i64,
        now: DateTime<Utc>,
    ) -> Result<Vec<NewOutstanding>, StoreError> {
        let jti = Expr::col((refreshed::Entity, refreshed::Column::Jti));
        let same = jti.equals((outstanding::Entity, outstanding::Column::Jti));
        let in_family = refreshed::Entity::find().filter(same).into_query();
        let tokens = alive_of(user_id, now).filter(Expr::exists(in_family).not());
        let rows = tokens.order_by_asc(outstanding::Column::Id).all(self.reader()).await?;
        Ok(rows.into_iter().map(NewOutstanding::from).collect())
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
        let token_id = match self.get_or_create_outstanding(old).await {
            Ok(id) => id,
            // Another token's, which MySQL does not tell from this one: it is no token of ours.
            Err(StoreError::Taken(_)) => return Ok(Blacklisting::Already),
            Err(error) => return Err(error),
        };
        self.write(|tx| async move {
            let row = blacklisted::Entity::insert(blacklisted::ActiveModel {
                id: NotSet,
                blacklisted_at: Set(now.into()),
                token_id: Set(token_id.into()),
            });
            match row.exec_without_returning(&tx).await.map_err(StoreError::from) {
                Ok(_) => {}
                Err(StoreError::Taken(_)) => return Ok(RollBack(Blacklisting::Already)),
                Err(error) => return Err(error),
            }
            if let Some(new) = new {
                insert_outstanding(&tx, new).await?;
            }
            Ok(Commit(Blacklisting::Done))
        })
        .await
    }

    /// Removes expired tokens and returns how many there were.
    pub async fn flush_expired_tokens(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        self.write(|tx| async move {
            let expired = outstanding::Column::ExpiresAt.lte(now);
            let ids = outstanding::Entity::find().filter(expired.clone()).select_only();
            let ids = ids.column(outstanding::Column::Id).into_query();
            let dead = blacklisted::Column::TokenId.in_subquery(ids);
            blacklisted::Entity::delete_many().filter(dead).exec(&tx).await?;
            let flushed = outstanding::Entity::delete_many().filter(expired).exec(&tx).await?;
            Ok(Commit(flushed.rows_affected))
        })
        .await
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
        let token = by_jti(jti.into()).column(outstanding::Column::Id).into_tuple::<(String, Id)>();
        match token.one(self.reader()).await? {
            Some((found, id)) if found == jti => Ok(Some(id.0)),
            // On MySQL another token's `jti` that differs in case only: it must not be hit.
            Some(_) => Err(StoreError::Taken(Unique::Token)),
            None => Ok(None),
        }
    }
}

/// Blacklists the tokens of a user that are alive, within a transaction, but for those of a family.
/// Tokens that Django issued belong to none, and have no epoch.
pub(crate) async fn blacklist_of(
    tx: &Transaction,
    user_id: i64,
    family: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let mut alive = alive_of(user_id, now)
        .select_only()
        .expr(Expr::val(DjangoTime(now)))
        .column(outstanding::Column::Id);
    if let Some(family) = family {
        let kept = refreshed::Entity::find().select_only().column(refreshed::Column::Jti);
        let kept = kept.filter(refreshed::Column::FamilyId.eq(family)).into_query();
        alive = alive.filter(outstanding::Column::Jti.not_in_subquery(kept));
    }
    let rows = Query::insert()
        .into_table(blacklisted::Entity)
        .columns([blacklisted::Column::BlacklistedAt, blacklisted::Column::TokenId])
        .select_from(alive.into_query())
        .map_err(|error| DbErr::Custom(error.to_string()))?
        // Another call may blacklist one of them at this moment.
        .on_conflict(
            OnConflict::column(blacklisted::Column::TokenId)
                .do_nothing_on([blacklisted::Column::TokenId])
                .to_owned(),
        )
        .to_owned();
    tx.execute(&rows).await.map(drop)
}

/// The tokens of a user that have neither expired nor been blacklisted.
fn alive_of(user_id: i64, now: DateTime<Utc>) -> Select<outstanding::Entity> {
    let token_id = Expr::col((blacklisted::Entity, blacklisted::Column::TokenId));
    let same = token_id.equals((outstanding::Entity, outstanding::Column::Id));
    let dead = blacklisted::Entity::find().filter(same).into_query();
    outstanding::Entity::find()
        .filter(outstanding::Column::UserId.eq(user_id))
        .filter(outstanding::Column::ExpiresAt.gt(now))
        .filter(Expr::exists(dead).not())
}

/// The `jti` of a token as it is stored.
/// The id of a token, if it is blacklisted.
pub(crate) fn blacklisted(jti: Value) -> SelectStatement {
    by_jti(jti).inner_join(blacklisted::Entity).into_query()
}

fn by_jti(jti: Value) -> Select<outstanding::Entity> {
    let token = outstanding::Entity::find().filter(outstanding::Column::Jti.eq(jti));
    token.select_only().column(outstanding::Column::Jti)
}

/// Records a refresh token and returns its primary key.
pub(crate) async fn insert_outstanding<C: ConnectionTrait>(
    db: &C,
    new: &NewOutstanding,
) -> Result<i64, DbErr> {
    Ok(outstanding_row(new).exec(db).await?.last_insert_id.0)
}

/// The statement that records a refresh token.
pub(crate) fn outstanding_row(new: &NewOutstanding) -> Insert<outstanding::ActiveModel> {
    let NewOutstanding { jti, token, user_id, created_at, expires_at } = new.clone();
    outstanding::Entity::insert(outstanding::ActiveModel {
        id: NotSet,
        token: Set(token),
        created_at: Set(created_at.map(DjangoTime)),
        expires_at: Set(expires_at.into()),
        user_id: Set(user_id.map(Id)),
        jti: Set(jti),
    })
}
