//! Whether the database can be written.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait as _;
use sea_orm::sea_query::OnConflict;

use crate::entity::rest_auth_setting::{ActiveModel, Column, Entity};
use crate::{Store, StoreError};

/// The row that is written.
const NAME: &str = "written_at";

impl Store {
    /// Proves that the database can be written, by writing the time to it, which must differ each
    /// time: SQLite does not write what is there already. A disk may be full, a
    /// file or its folder read-only, and a server a copy that only reads: each of them can be read
    /// as ever.
    ///
    /// # Errors
    /// If it cannot be written, or does not answer.
    pub async fn prove_writable(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let row = ActiveModel { name: Set(NAME.to_owned()), value: Set(now.to_rfc3339()) };
        let newer = OnConflict::column(Column::Name).update_column(Column::Value).to_owned();
        let row = Entity::insert(row).on_conflict(newer);
        row.exec_without_returning(self.writer()).await?;
        Ok(())
    }
}
