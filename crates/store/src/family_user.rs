//! The user whom a JWT names, with the family of the token, in one query.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait as _, SelectStatement, Value};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _,
    QuerySelect as _, QueryTrait, SelectTwo,
};

use crate::entity::{auth_user, rest_auth_refresh_family as family, rest_auth_user};
use crate::prepared::PreparedQuery;
use crate::user::{FromUserRow as _, UserRow};
use crate::{Store, StoreError, UserWithPassword, blacklist};

/// The user of a primary key, and the family of an id if it is of that user.
static WITH_FAMILY: PreparedQuery<UserAndFamily, 2> =
    PreparedQuery::new(|[id, family_id]| with_family(id, family_id));

/// The same, and the id of a refresh token if that is blacklisted.
static WITH_BLACKLISTED: PreparedQuery<UserAndFamily, 3> =
    PreparedQuery::new(|[id, family_id, jti]| {
        let mut query = with_family(id, family_id);
        let blacklisted = Expr::SubQuery(None, Box::new(blacklist::blacklisted(jti).into()));
        QueryTrait::query(&mut query).expr_as(blacklisted, "blacklisted");
        query
    });

type UserAndFamily = SelectTwo<auth_user::Entity, family::Entity>;

fn with_family(id: Value, family_id: Value) -> UserAndFamily {
    let mut user = auth_user::Entity::find().filter(auth_user::Column::Id.eq(id));
    let user_id = Expr::col((family::Entity, family::Column::UserId));
    let is_of_user = user_id.equals((auth_user::Entity, auth_user::Column::Id));
    let family = is_of_user.and(family::Column::Id.eq(family_id));
    QueryTrait::query(&mut user).left_join(family::Entity, family);
    user.select_also(family::Entity)
}

/// What [`WITH_FAMILY`] finds, with the epoch.
#[derive(FromQueryResult)]
struct UserWithFamily {
    #[sea_orm(nested(prefix = "A_"))]
    user: auth_user::Model,
    #[sea_orm(nested(prefix = "B_"))]
    family: Option<family::Model>,
    #[sea_orm(nested(prefix = "C_"))]
    epoch: Option<rest_auth_user::Model>,
}

/// What [`WITH_BLACKLISTED`] finds, with the epoch.
#[derive(FromQueryResult)]
struct UserOfRefresh {
    #[sea_orm(nested)]
    found: UserWithFamily,
    blacklisted: Option<String>,
}

impl UserWithFamily {
    fn read(self, now: DateTime<Utc>) -> (UserWithPassword, Family) {
        let Self { user, family, epoch } = self;
        let alive = family.filter(|row| row.revoked_at.is_none() && row.ends_at.0 > now);
        let family = alive.map_or(Family::Dead, |row| {
            let family::Model { epoch, evidence, .. } = row;
            Family::Alive { epoch, evidence }
        });
        (UserWithPassword::from_row(UserRow::new(user, epoch)), family)
    }
}

/// The user of a refresh token.
#[derive(Clone, Debug)]
pub struct RefreshingUser {
    /// The user.
    pub user: UserWithPassword,
    /// The family of the token.
    pub family: Family,
    /// Whether the token is blacklisted.
    pub is_blacklisted: bool,
}

/// Whether the tokens of a family are valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Family {
    /// They are.
    Alive {
        /// The epoch that the family continues under.
        epoch: i64,
        /// What was proven, as JSON.
        evidence: Option<String>,
    },
    /// It was revoked, has ended, or never was this user's.
    Dead,
}

impl Store {
    /// Finds a user, and whether a family of that user is alive, with one query, as an access token
    /// needs it. The hash of the password is for `simple_jwt.check_revoke_token`.
    pub async fn user_by_id_with_family(
        &self,
        id: i64,
        family_id: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<(UserWithPassword, Family)>, StoreError> {
        let db = self.reader();
        let given = [id.into(), family_id.into()];
        let statement = WITH_FAMILY.bind(db.get_database_backend(), &given, with_epoch);
        let found = UserWithFamily::find_by_statement(statement).one(db).await?;
        Ok(found.map(|found| found.read(now)))
    }

    /// The same, with whether a refresh token of that family is blacklisted. SimpleJWT's tables must
    /// be there.
    pub async fn user_by_id_with_refresh(
        &self,
        id: i64,
        family_id: &str,
        jti: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<RefreshingUser>, StoreError> {
        let db = self.reader();
        let given = [id.into(), family_id.into(), jti.into()];
        let statement = WITH_BLACKLISTED.bind(db.get_database_backend(), &given, with_epoch);
        let found = UserOfRefresh::find_by_statement(statement).one(db).await?;
        Ok(found.map(|UserOfRefresh { found, blacklisted }| {
            let (user, family) = found.read(now);
            // MySQL ignores case.
            let is_blacklisted = blacklisted.is_some_and(|found| found == jti);
            RefreshingUser { user, family, is_blacklisted }
        }))
    }
}

fn with_epoch(query: UserAndFamily) -> SelectStatement {
    query.find_also(auth_user::Entity, rest_auth_user::Entity).limit(1).into_query()
}
