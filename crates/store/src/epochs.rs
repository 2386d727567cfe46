//! Epochs: raising one ends every credential that was issued under a lower one.

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use crate::connection::Transaction;
use crate::{Backend, Epoch, Store, StoreError, sql};

const RAISE: &str = r#"INSERT INTO "rest_auth_user" ("user_id", "epoch") VALUES (?, 1)
    ON CONFLICT ("user_id") DO UPDATE SET "epoch" = "rest_auth_user"."epoch" + 1"#;
const RAISE_MYSQL: &str = r#"INSERT INTO "rest_auth_user" ("user_id", "epoch") VALUES (?, 1)
    ON DUPLICATE KEY UPDATE "epoch" = "epoch" + 1"#;
const EPOCH: &str = r#"SELECT "epoch" FROM "rest_auth_user" WHERE "user_id" = ?"#;

const RAISE_GLOBAL: &str = r#"INSERT INTO "rest_auth_setting" ("name", "value")
    VALUES ('global_epoch', '1') ON CONFLICT ("name")
    DO UPDATE SET "value" = CAST(CAST("rest_auth_setting"."value" AS bigint) + 1 AS text)"#;
const RAISE_GLOBAL_MYSQL: &str = r#"INSERT INTO "rest_auth_setting" ("name", "value")
    VALUES ('global_epoch', '1')
    ON DUPLICATE KEY UPDATE "value" = CAST(CAST("value" AS SIGNED) + 1 AS CHAR)"#;
const GLOBAL: &str = r#"SELECT "value" FROM "rest_auth_setting" WHERE "name" = 'global_epoch'"#;

#[derive(FromQueryResult)]
struct EpochRow {
    epoch: i64,
}

#[derive(FromQueryResult)]
struct SettingRow {
    value: String,
}

impl Store {
    /// Raises the epoch of a user and returns the new one.
    pub async fn bump_epoch(&self, user_id: i64) -> Result<i64, StoreError> {
        let tx = self.begin().await?;
        raise(&tx, self.backend(), user_id).await?;
        let epoch = of(&tx, user_id).await?;
        tx.commit().await?;
        Ok(epoch)
    }

    /// The epoch of the whole installation, zero until it is first raised.
    pub async fn global_epoch(&self) -> Result<i64, StoreError> {
        read_global(self.reader()).await
    }

    /// Raises the epoch of the whole installation and returns the new one.
    pub async fn bump_global_epoch(&self) -> Result<i64, StoreError> {
        let tx = self.begin().await?;
        let statement = match self.backend() {
            Backend::Mysql => RAISE_GLOBAL_MYSQL,
            Backend::Sqlite | Backend::Postgres => RAISE_GLOBAL,
        };
        sql::execute(&tx, statement, []).await?;
        let epoch = read_global(&tx).await?;
        tx.commit().await?;
        Ok(epoch)
    }
}

/// Raises the epoch of a user within a transaction.
pub(crate) async fn raise(tx: &Transaction, backend: Backend, user_id: i64) -> Result<(), DbErr> {
    let statement = match backend {
        Backend::Mysql => RAISE_MYSQL,
        Backend::Sqlite | Backend::Postgres => RAISE,
    };
    sql::execute(tx, statement, [user_id.into()]).await?;
    Ok(())
}

/// Ends what was issued to a user so far, within a transaction, where a change asks for that.
pub(crate) async fn settle(
    tx: &Transaction,
    backend: Backend,
    user_id: i64,
    epoch: Epoch,
) -> Result<(), DbErr> {
    match epoch {
        Epoch::Keep => Ok(()),
        Epoch::Bump => raise(tx, backend, user_id).await,
    }
}

/// The epoch of a user within a transaction.
pub(crate) async fn of(tx: &Transaction, user_id: i64) -> Result<i64, DbErr> {
    let row = sql::one::<EpochRow, _>(tx, EPOCH, [user_id.into()]).await?;
    Ok(row.map_or(0, |row| row.epoch))
}

async fn read_global<C: ConnectionTrait>(db: &C) -> Result<i64, StoreError> {
    let row = sql::one::<SettingRow, _>(db, GLOBAL, []).await?;
    let Some(SettingRow { value }) = row else { return Ok(0) };
    value.parse().map_err(|_| {
        StoreError::Database(DbErr::Type("rest_auth_setting.global_epoch is no number".to_owned()))
    })
}
