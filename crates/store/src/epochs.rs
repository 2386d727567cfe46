//! Epochs: raising one ends every credential that was issued under a lower one.

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{DbErr, EntityTrait as _};

use crate::connection::Transaction;
use crate::entity::rest_auth_user as epoch;

/// What happens to credentials issued so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Epoch {
    /// The credentials stay valid.
    Keep,
    /// The credentials end.
    Bump,
}

/// Raises the epoch of a user within a transaction.
pub(crate) async fn raise(tx: &Transaction, user_id: i64) -> Result<(), DbErr> {
    let first =
        epoch::ActiveModel { user_id: Set(user_id), epoch: Set(1), guessed_password: Set(None) };
    let next = Expr::col((epoch::Entity, epoch::Column::Epoch)).add(1);
    let raised =
        OnConflict::column(epoch::Column::UserId).value(epoch::Column::Epoch, next).to_owned();
    epoch::Entity::insert(first).on_conflict(raised).exec_without_returning(tx).await?;
    Ok(())
}

/// Ends what was issued to a user so far, within a transaction, where a change asks for that.
pub(crate) async fn settle(tx: &Transaction, user_id: i64, epoch: Epoch) -> Result<(), DbErr> {
    match epoch {
        Epoch::Keep => Ok(()),
        Epoch::Bump => raise(tx, user_id).await,
    }
}

/// The epoch of a user within a transaction.
pub(crate) async fn of(tx: &Transaction, user_id: i64) -> Result<i64, DbErr> {
    let row = epoch::Entity::find_by_id(user_id).one(tx).await?;
    Ok(row.map_or(0, |row| row.epoch))
}
