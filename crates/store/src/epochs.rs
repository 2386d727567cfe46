//! Epochs: raising one ends every credential that was issued under a lower one.

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait as _};

use crate::connection::Transaction;
use crate::entity::{rest_auth_setting as setting, rest_auth_user as epoch};
use crate::write::Commit;
use crate::{Backend, Epoch, Store, StoreError};

/// The setting whose value is the epoch of the whole installation.
const GLOBAL: &str = "global_epoch";

impl Store {
    /// Raises the epoch of a user and returns the new one.
    pub async fn bump_epoch(&self, user_id: i64) -> Result<i64, StoreError> {
        self.write(|tx| async move {
            raise(&tx, user_id).await?;
            Ok(Commit(of(&tx, user_id).await?))
        })
        .await
    }

    /// The epoch of the whole installation, zero until it is first raised.
    pub async fn global_epoch(&self) -> Result<i64, StoreError> {
        read_global(self.reader()).await
    }

    /// Raises the epoch of the whole installation and returns the new one.
    pub async fn bump_global_epoch(&self) -> Result<i64, StoreError> {
        self.write(|tx| async move {
            raise_global(&tx, self.backend()).await?;
            Ok(Commit(read_global(&tx).await?))
        })
        .await
    }
}

/// Raises the epoch of a user within a transaction.
pub(crate) async fn raise(tx: &Transaction, user_id: i64) -> Result<(), DbErr> {
    let first = epoch::ActiveModel { user_id: Set(user_id), epoch: Set(1) };
    let next = Expr::col((epoch::Entity, epoch::Column::Epoch)).add(1);
    let raised =
        OnConflict::column(epoch::Column::UserId).value(epoch::Column::Epoch, next).to_owned();
    epoch::Entity::insert(first).on_conflict(raised).exec_without_returning(tx).await?;
    Ok(())
}

/// The value is text, as all settings are.
async fn raise_global(tx: &Transaction, backend: Backend) -> Result<(), DbErr> {
    let (number, text) = match backend {
        Backend::Mysql => ("signed", "char"),
        Backend::Sqlite | Backend::Postgres => ("bigint", "text"),
    };
    let value = setting::Column::Value;
    let next = Expr::col((setting::Entity, value)).cast_as(number).add(1).cast_as(text);
    let raised = OnConflict::column(setting::Column::Name).value(value, next).to_owned();
    let first = setting::ActiveModel { name: Set(GLOBAL.to_owned()), value: Set("1".to_owned()) };
    setting::Entity::insert(first).on_conflict(raised).exec_without_returning(tx).await?;
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

async fn read_global<C: ConnectionTrait>(db: &C) -> Result<i64, StoreError> {
    let row = setting::Entity::find_by_id(GLOBAL).one(db).await?;
    let Some(setting::Model { name: _, value }) = row else { return Ok(0) };
    value.parse().map_err(|_| {
        StoreError::Database(DbErr::Type("rest_auth_setting.global_epoch is no number".to_owned()))
    })
}
