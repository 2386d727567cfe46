//! The second factors of users are read, those of three tables in one statement.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, Keyword, SelectStatement, UnionType};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, FromQueryResult,
    PaginatorTrait as _, QueryFilter as _, QuerySelect as _, QueryTrait as _,
};
use serde_json::json;

use crate::entity::dj_rest_auth_mfa_authenticator::{Column, Entity};
use crate::entity::{
    auth_user, mfa_authenticator as allauth, passkeys_webauthncredential as passkeys,
};
use crate::id::Id;
use crate::json::JsonColumn;
use crate::mfa::{Authenticator, FactorKind, FactorSource};
use crate::time::DjangoTime;
use crate::{Store, StoreError};

/// The tables that are asked for second factors, beside that of dj-rest-auth's codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Factors {
    /// Those of allauth.
    pub allauth: bool,
    /// The passkeys of dj-rest-auth.
    pub passkeys: bool,
}

impl Factors {
    /// Those of all tables.
    pub const ALL: Self = Self { allauth: true, passkeys: true };
    /// Those of dj-rest-auth's codes alone.
    pub const CODES: Self = Self { allauth: false, passkeys: false };
}

/// A row of any of the tables.
#[derive(FromQueryResult)]
struct FactorRow {
    source: i32,
    id: Id,
    r#type: String,
    data: Option<JsonColumn>,
    name: Option<String>,
    created_at: Option<DjangoTime>,
    last_used_at: Option<DjangoTime>,
}

const PASSKEYS: &str = "passkeys_webauthncredential";
const OF_DJ_REST_AUTH: i32 = 0;
const OF_ALLAUTH: i32 = 1;
const OF_PASSKEYS: i32 = 2;

impl Authenticator {
    /// The authenticator in a row, unless its type is one that we do not know.
    fn known(row: FactorRow) -> Option<Self> {
        let FactorRow { source, id, r#type, data, name, created_at, last_used_at } = row;
        let source = match source {
            OF_DJ_REST_AUTH => FactorSource::DjRestAuth,
            OF_ALLAUTH => FactorSource::Allauth,
            _ => FactorSource::Passkeys,
        };
        Some(Self {
            id: id.0,
            source,
            kind: FactorKind::named(&r#type)?,
            data: data.map_or_else(|| json!({"name": name}), |data| data.0),
            created_at: created_at.map(|time| time.0),
            last_used_at: last_used_at.map(|time| time.0),
        })
    }
}

impl Store {
    /// The second factors of a user, in one statement; types that this server does not know are left
    /// out.
    pub async fn authenticators_of(
        &self,
        user_id: i64,
        wanted: Factors,
    ) -> Result<Vec<Authenticator>, StoreError> {
        self.authenticators_on(self.reader(), user_id, wanted).await
    }

    /// Adds when factors of allauth were set up and used. [`Self::authenticators_of`] leaves it out,
    /// for older projects lack the columns, and nothing but what is shown depends on them.
    pub async fn add_times_of_allauth(&self, factors: &mut [Authenticator]) {
        let is_allauths = |factor: &&mut Authenticator| factor.source == FactorSource::Allauth;
        let rows = factors.iter_mut().filter(is_allauths).map(|factor| factor.id).collect();
        let times = match times_of_allauth(self.reader(), rows).await {
            Ok(times) => times,
            Err(error) => {
                tracing::debug!(%error, "the times of factors of allauth are not known");
                return;
            }
        };
        for factor in factors.iter_mut().filter(is_allauths) {
            if let Some((made, used)) = times.get(&factor.id) {
                factor.created_at = Some(*made);
                factor.last_used_at = *used;
            }
        }
    }

    /// The same on a connection, which may be in a transaction.
    pub(crate) async fn authenticators_on<C: ConnectionTrait>(
        &self,
        db: &C,
        user_id: i64,
        wanted: Factors,
    ) -> Result<Vec<Authenticator>, StoreError> {
        let tables = [
            self.has_mfa().then(|| of_dj_rest_auth(user_id)),
            (wanted.allauth && self.has_allauth_mfa()).then(|| of_allauth(user_id)),
            wanted.passkeys.then(|| of_passkeys(user_id)),
        ];
        let mut tables = tables.into_iter().flatten();
        let Some(mut rows) = tables.next() else { return Ok(Vec::new()) };
        for table in tables {
            rows.union(UnionType::All, table);
        }
        let rows = FactorRow::find_by_statement(db.get_database_backend().build(&rows));
        let rows = rows.all(db).await?.into_iter();
        let mut all: Vec<_> = rows.filter_map(Authenticator::known).collect();
        all.sort_by_key(|factor| (factor.source, factor.id));
        Ok(all)
    }

    /// Whether the user of a row of `auth_user` has a second factor, or recovery codes, in any table.
    /// What the settings make of it is for whoever looks at them.
    pub(crate) fn has_factor(&self) -> Expr {
        let rows = |mut rows: SelectStatement, column: Expr| {
            let user = Expr::col((auth_user::Entity, auth_user::Column::Id));
            Expr::exists(rows.and_where(column.eq(user)).take())
        };
        let passkeys = passkeys::Entity::find().select_only().column(passkeys::Column::Id);
        let column = Expr::col((passkeys::Entity, passkeys::Column::UserId));
        let mut any = rows(passkeys.into_query(), column);
        if self.has_mfa() {
            let own = Entity::find().select_only().column(Column::Id);
            any = any.or(rows(own.into_query(), Expr::col((Entity, Column::UserId))));
        }
        if self.has_allauth_mfa() {
            let theirs = allauth::Entity::find().select_only().column(allauth::Column::Id);
            let column = Expr::col((allauth::Entity, allauth::Column::UserId));
            any = any.or(rows(theirs.into_query(), column));
        }
        any
    }

    /// The second factor of a type, if the user has set it up at dj-rest-auth.
    pub async fn authenticator(
        &self,
        user_id: i64,
        kind: FactorKind,
    ) -> Result<Option<Authenticator>, StoreError> {
        let all = self.authenticators_of(user_id, Factors::CODES).await?;
        Ok(all.into_iter().find(|factor| factor.kind == kind))
    }

    /// Whether anybody has a second factor in a table.
    pub async fn anybody_has_second_factor(
        &self,
        source: FactorSource,
    ) -> Result<bool, StoreError> {
        let db = self.reader();
        let any = match source {
            FactorSource::DjRestAuth if self.has_mfa() => {
                Entity::find().select_only().column(Column::Id).into_tuple::<Id>().one(db).await?
            }
            FactorSource::Allauth if self.has_allauth_mfa() => {
                let any = allauth::Entity::find().select_only().column(allauth::Column::Id);
                any.into_tuple::<Id>().one(db).await?
            }
            // Of the three this one is not Django's everywhere: it is there after the migrations.
            FactorSource::Passkeys if rest_auth_migration::tables(db).await?.contains(PASSKEYS) => {
                let any = passkeys::Entity::find().select_only().column(passkeys::Column::Id);
                any.into_tuple::<Id>().one(db).await?
            }
            FactorSource::DjRestAuth | FactorSource::Allauth | FactorSource::Passkeys => None,
        };
        Ok(any.is_some())
    }
}

/// How many rows of allauth there are. Their ids alone are named, for older projects lack other columns.
pub(crate) async fn count_at_allauth<C: ConnectionTrait>(
    db: &C,
    which: Condition,
) -> Result<u64, DbErr> {
    let rows = allauth::Entity::find().filter(which).select_only().column(allauth::Column::Id);
    rows.count(db).await
}

/// When factors of allauth were set up, and when they were last used.
pub(crate) type Times = HashMap<i64, (DateTime<Utc>, Option<DateTime<Utc>>)>;

/// The times of rows of allauth.
pub(crate) async fn times_of_allauth<C: ConnectionTrait>(
    db: &C,
    rows: Vec<i64>,
) -> Result<Times, DbErr> {
    if rows.is_empty() {
        return Ok(Times::new());
    }
    let rows = allauth::Entity::find().filter(allauth::Column::Id.is_in(rows));
    let rows = rows
        .select_only()
        .columns([allauth::Column::Id, allauth::Column::CreatedAt, allauth::Column::LastUsedAt])
        .into_tuple::<(Id, DjangoTime, Option<DjangoTime>)>();
    let rows = rows.all(db).await?.into_iter();
    Ok(rows.map(|(id, made, used)| (id.0, (made.0, used.map(|time| time.0)))).collect())
}

fn null() -> Expr {
    Expr::Keyword(Keyword::Null)
}

fn of_dj_rest_auth(user_id: i64) -> SelectStatement {
    Entity::find()
        .select_only()
        .column_as(Expr::val(OF_DJ_REST_AUTH), "source")
        .columns([Column::Id, Column::Type, Column::Data])
        .column_as(null(), "name")
        .columns([Column::CreatedAt, Column::LastUsedAt])
        .filter(Column::UserId.eq(user_id))
        .into_query()
}

/// The times are columns that older projects lack.
fn of_allauth(user_id: i64) -> SelectStatement {
    allauth::Entity::find()
        .select_only()
        .column_as(Expr::val(OF_ALLAUTH), "source")
        .columns([allauth::Column::Id, allauth::Column::Type, allauth::Column::Data])
        .column_as(null(), "name")
        .column_as(null(), "created_at")
        .column_as(null(), "last_used_at")
        .filter(allauth::Column::UserId.eq(user_id))
        .into_query()
}

/// The last of the tables: PostgreSQL takes a column for text that is NULL in each of the first two,
/// so that this one alone may have no JSON.
fn of_passkeys(user_id: i64) -> SelectStatement {
    passkeys::Entity::find()
        .select_only()
        .column_as(Expr::val(OF_PASSKEYS), "source")
        .column(passkeys::Column::Id)
        .column_as(Expr::val(FactorKind::Passkey.name()), "type")
        .column_as(null(), "data")
        .columns([
            passkeys::Column::Name,
            passkeys::Column::CreatedAt,
            passkeys::Column::LastUsedAt,
        ])
        .filter(passkeys::Column::UserId.eq(user_id))
        .into_query()
}
