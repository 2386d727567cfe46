//! The time by the clock of the database, which all instances share.
//!
//! Every call is passed the time by the caller's clock. How far that is from the clock of the
//! database is measured now and then, so that telling the time costs nothing.

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ConnectionTrait as _, DbErr};

use crate::time::DjangoTime;
use crate::{Store, StoreError};

/// How long a measurement holds.
const HOLDS_FOR: Duration = Duration::from_mins(5);

impl Store {
    /// What the clock of the database shows when the caller's shows `now`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn database_time(
        &self,
        now: DateTime<Utc>,
    ) -> Result<DateTime<Utc>, StoreError> {
        let measured = *self.skew().0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, ahead)) = measured
            && at.elapsed() < HOLDS_FOR
        {
            return Ok(now - ahead);
        }
        let ahead = now - self.ask_time().await?;
        *self.skew().0.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((Instant::now(), ahead));
        Ok(now - ahead)
    }

    async fn ask_time(&self) -> Result<DateTime<Utc>, StoreError> {
        let time = Query::select().expr_as(Expr::current_timestamp(), "now").take();
        let row = self.reader().query_one(&time).await?;
        let row = row.ok_or_else(|| DbErr::RecordNotFound("CURRENT_TIMESTAMP".to_owned()))?;
        Ok(row.try_get::<DjangoTime>("", "now")?.0)
    }
}
