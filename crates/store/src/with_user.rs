//! Rows together with their user and the user's epoch, in one statement.

use sea_orm::{ConnectionTrait, DbErr, EntityTrait, SelectTwo};

use crate::User;
use crate::entity::{auth_user, rest_auth_user};

/// The first row of a query, and the user that the query found for it.
pub(crate) async fn one<E, C>(
    db: &C,
    query: SelectTwo<E, auth_user::Entity>,
) -> Result<Option<(E::Model, Option<User>)>, DbErr>
where
    E: EntityTrait,
    C: ConnectionTrait,
{
    let query = query.find_also(auth_user::Entity, rest_auth_user::Entity);
    // A model that is `Option` tells a row that is not there from one that cannot be read. SeaORM
    // alone takes both for absence: a broken column would turn a user into a stranger.
    let query = query.into_model::<_, Option<auth_user::Model>, Option<rest_auth_user::Model>>();
    let found = query.one(db).await?;
    Ok(found.map(|(row, user, epoch)| {
        (row, user.flatten().map(|user| User::new(user, epoch.flatten())))
    }))
}
