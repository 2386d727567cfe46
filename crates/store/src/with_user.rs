//! Rows together with their user and the user's epoch, in one statement. The caller says whether
//! the user comes with the hash of their password.

use sea_orm::sea_query::{SelectStatement, Value};
use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QuerySelect as _, QueryTrait as _,
    Select, SelectThreeModel, SelectTwo, Selector,
};

use crate::entity::{auth_user, rest_auth_user};
use crate::prepared::Prepared;
use crate::user::{FromUserRow, UserRow};

/// What is read of a row, of its user and of the user's epoch.
///
/// A model that is `Option` tells a row that is not there from one that cannot be read. SeaORM
/// alone takes both for absence: a user with a broken column would be unknown.
type Found<E> = SelectThreeModel<E, Option<auth_user::Model>, Option<rest_auth_user::Model>>;

/// The first row of a query, and the user that the query found for it.
pub(crate) async fn one<U, E, C>(
    db: &C,
    query: SelectTwo<E, auth_user::Entity>,
) -> Result<Option<(E::Model, Option<U>)>, DbErr>
where
    U: FromUserRow,
    E: EntityTrait,
    C: ConnectionTrait,
{
    Ok(with_epoch(query).one(db).await?.map(joined))
}

/// All rows of a query, and the users that the query found for them.
pub(crate) async fn all<U, E, C>(
    db: &C,
    query: SelectTwo<E, auth_user::Entity>,
) -> Result<Vec<(E::Model, Option<U>)>, DbErr>
where
    U: FromUserRow,
    E: EntityTrait,
    C: ConnectionTrait,
{
    Ok(with_epoch(query).all(db).await?.into_iter().map(joined).collect())
}

/// The first user that a query finds.
pub(crate) async fn user<U: FromUserRow, C: ConnectionTrait>(
    db: &C,
    query: Select<auth_user::Entity>,
) -> Result<Option<U>, DbErr> {
    let query = query.find_also_related(rest_auth_user::Entity);
    let query = query.into_model::<auth_user::Model, Option<rest_auth_user::Model>>();
    Ok(query.one(db).await?.map(|(user, epoch)| U::from_row(UserRow::new(user, epoch.flatten()))))
}

/// The users that a query finds.
pub(crate) async fn users<U: FromUserRow, C: ConnectionTrait>(
    db: &C,
    query: Select<auth_user::Entity>,
) -> Result<Vec<U>, DbErr> {
    let query = query.find_also_related(rest_auth_user::Entity);
    let query = query.into_model::<auth_user::Model, Option<rest_auth_user::Model>>();
    let found = query.all(db).await?.into_iter();
    Ok(found.map(|(user, epoch)| U::from_row(UserRow::new(user, epoch.flatten()))).collect())
}

fn with_epoch<E: EntityTrait>(query: SelectTwo<E, auth_user::Entity>) -> Selector<Found<E::Model>> {
    query.find_also(auth_user::Entity, rest_auth_user::Entity).into_model()
}

type Joined<E> = (E, Option<Option<auth_user::Model>>, Option<Option<rest_auth_user::Model>>);

fn joined<U: FromUserRow, E>((row, user, epoch): Joined<E>) -> (E, Option<U>) {
    (row, user.flatten().map(|user| U::from_row(UserRow::new(user, epoch.flatten()))))
}

/// A row as [`with_epoch`] names its columns.
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
    query: &Prepared<SelectTwo<E, auth_user::Entity>, N>,
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

/// A user as [`user`] names the columns.
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
    query: &Prepared<Select<auth_user::Entity>, N>,
    given: [Value; N],
) -> Result<Option<U>, DbErr> {
    let statement = query.bind(db.get_database_backend(), &given, |query| {
        query.find_also_related(rest_auth_user::Entity).limit(1).into_query()
    });
    let found = UserWithEpoch::find_by_statement(statement).one(db).await?;
    Ok(found.map(|UserWithEpoch { user, epoch }| U::from_row(UserRow::new(user, epoch))))
}
