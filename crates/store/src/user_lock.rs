//! One change of a user at a time, where what is read decides what may be written.

use sea_orm::{DbErr, EntityTrait as _, QuerySelect as _};

use crate::connection::Transaction;
use crate::entity::auth_user::{Column, Entity};

/// Locks a user until the transaction ends, and returns the address in the user's own column;
/// `None` if there is no such user.
///
/// Rows that belong to a user are written after this and never before, or two transactions wait
/// for each other. SQLite needs no lock of a row: a transaction that writes has the whole file.
pub(crate) async fn lock(tx: &Transaction, user_id: i64) -> Result<Option<String>, DbErr> {
    let user = Entity::find_by_id(user_id).select_only().column(Column::Email);
    user.lock_exclusive().into_tuple().one(tx).await
}
