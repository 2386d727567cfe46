//! Rows together with their user and the user's epoch, in one statement. The caller says whether
//! the user comes with the hash of their password.

use sea_orm::sea_query::{Expr, Keyword, SelectStatement, Value};
use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QuerySelect as _, QueryTrait as _,
    Select, SelectTwo, Statement,
};

use crate::Store;
use crate::entity::{auth_user, rest_auth_user};
use crate::prepared::PreparedQuery;
use crate::user::{FromUserRow, UserRow};

/// A row, its user, the user's epoch, and whether the user has a second factor.
///
/// A model that is `Option` tells a row that is not there from one that cannot be read. SeaORM's own
/// query of several models takes both for absence: a user with a broken column would be unknown.
#[derive(FromQueryResult)]
struct FoundRow<R: FromQueryResult> {
    #[sea_orm(nested)]
    found: RowWithUser<R>,
    has_factor: Option<bool>,
}

/// A user, their epoch, and whether they have a second factor.
#[derive(FromQueryResult)]
struct FoundUser {
    #[sea_orm(nested)]
    found: UserWithEpoch,
    has_factor: Option<bool>,
}

impl<R: FromQueryResult> FoundRow<R> {
    fn joined<U: FromUserRow>(self) -> (R, Option<U>) {
        let RowWithUser { row, user, epoch } = self.found;
        let user = user.map(|user| UserRow::new(user, epoch).knowing(self.has_factor));
        (row, user.map(U::from_row))
    }
}

impl FoundUser {
    fn read<U: FromUserRow>(self) -> U {
        let UserWithEpoch { user, epoch } = self.found;
        U::from_row(UserRow::new(user, epoch).knowing(self.has_factor))
    }
}

/// The first row of a query, and the user that the query found for it.
pub(crate) async fn one<U: FromUserRow, E: EntityTrait>(
    store: &Store,
    query: SelectTwo<E, auth_user::Entity>,
) -> Result<Option<(E::Model, Option<U>)>, DbErr> {
    let query = first_with_epoch(query);
    let found = FoundRow::find_by_statement(telling::<U>(store, query));
    Ok(found.one(store.reader()).await?.map(FoundRow::joined))
}

/// All rows of a query, and the users that the query found for them.
pub(crate) async fn all<U: FromUserRow, E: EntityTrait>(
    store: &Store,
    query: SelectTwo<E, auth_user::Entity>,
) -> Result<Vec<(E::Model, Option<U>)>, DbErr> {
    let query = query.find_also(auth_user::Entity, rest_auth_user::Entity).into_query();
    let found = FoundRow::find_by_statement(telling::<U>(store, query));
    Ok(found.all(store.reader()).await?.into_iter().map(FoundRow::joined).collect())
}

/// The first user that a query finds.
pub(crate) async fn user<U: FromUserRow>(
    store: &Store,
    query: Select<auth_user::Entity>,
) -> Result<Option<U>, DbErr> {
    let query = query.find_also_related(rest_auth_user::Entity).limit(1).into_query();
    let found = FoundUser::find_by_statement(telling::<U>(store, query));
    Ok(found.one(store.reader()).await?.map(FoundUser::read))
}

/// The users that a query finds.
pub(crate) async fn users<U: FromUserRow>(
    store: &Store,
    query: Select<auth_user::Entity>,
) -> Result<Vec<U>, DbErr> {
    let query = query.find_also_related(rest_auth_user::Entity).into_query();
    let found = FoundUser::find_by_statement(telling::<U>(store, query));
    Ok(found.all(store.reader()).await?.into_iter().map(FoundUser::read).collect())
}

/// The query with the column `has_factor`: a login of a user who has none need not look for them.
fn telling<U: FromUserRow>(store: &Store, mut query: SelectStatement) -> Statement {
    let nobody_asks = Expr::Keyword(Keyword::Null);
    let told = if U::TELLS_FACTORS { store.has_factor() } else { nobody_asks };
    query.expr_as(told, "has_factor");
    store.reader().get_database_backend().build(&query)
}

/// A row with its user and epoch, as a query of three tables names the columns.
#[derive(FromQueryResult)]
struct RowWithUser<R: FromQueryResult> {
    #[sea_orm(nested(prefix = "A_"))]
    row: R,
    #[sea_orm(nested(prefix = "B_"))]
    user: Option<auth_user::Model>,
    #[sea_orm(nested(prefix = "C_"))]
    epoch: Option<rest_auth_user::Model>,
}

/// The first row of a query of a hot path, and the user that the query found for it.
pub(crate) async fn prepared<U, E, C, const N: usize>(
    db: &C,
    query: &PreparedQuery<SelectTwo<E, auth_user::Entity>, N>,
    given: [Value; N],
) -> Result<Option<(E::Model, Option<U>)>, DbErr>
where
    U: FromUserRow,
    E: EntityTrait,
    C: ConnectionTrait,
{
    let statement = query.bind(db.get_database_backend(), &given, first_with_epoch);
    let found = RowWithUser::<E::Model>::find_by_statement(statement).one(db).await?;
    Ok(found.map(|RowWithUser { row, user, epoch }| {
        (row, user.map(|user| U::from_row(UserRow::new(user, epoch))))
    }))
}

fn first_with_epoch<E: EntityTrait>(query: SelectTwo<E, auth_user::Entity>) -> SelectStatement {
    query.find_also(auth_user::Entity, rest_auth_user::Entity).limit(1).into_query()
}

/// A user with their epoch, as a query of two tables names the columns.
#[derive(FromQueryResult)]
struct UserWithEpoch {
    #[sea_orm(nested(prefix = "A_"))]
    user: auth_user::Model,
    #[sea_orm(nested(prefix = "B_"))]
    epoch: Option<rest_auth_user::Model>,
}

/// The first user that a query of a hot path finds.
pub(crate) async fn prepared_user<U: FromUserRow, C: ConnectionTrait, const N: usize>(
    db: &C,
    query: &PreparedQuery<Select<auth_user::Entity>, N>,
    given: [Value; N],
) -> Result<Option<U>, DbErr> {
    let statement = query.bind(db.get_database_backend(), &given, |query| {
        query.find_also_related(rest_auth_user::Entity).limit(1).into_query()
    });
    let found = UserWithEpoch::find_by_statement(statement).one(db).await?;
    Ok(found.map(|UserWithEpoch { user, epoch }| U::from_row(UserRow::new(user, epoch))))
}
