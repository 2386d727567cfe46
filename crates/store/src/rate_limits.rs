//! `rest_auth_rate_limit`: counters of rate limits that several instances share.
//!
//! A row is a sliding window: the times of the accepted requests. Counting locks the rows of the
//! windows, always in the order of their keys, so that there are no deadlocks. Concurrent requests
//! therefore cannot exceed a limit.

use chrono::{DateTime, TimeDelta, Utc};
use rest_auth_domain::sliding_window::{Counter, SlidingWindow};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{LockBehavior, LockType};
use sea_orm::{
    ColumnTrait as _, DbErr, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use crate::connection::Transaction;
use crate::entity::rest_auth_rate_limit::{ActiveModel, Column, Entity};
use crate::write::Commit;
use crate::{Store, StoreError};

/// How many windows are deleted in one transaction.
const BATCH: u64 = 500;

/// How often a row may be deleted between the insert and the SELECT. Even once is rare, because the
/// deletion has to commit in between.
const ATTEMPTS: usize = 5;

impl Store {
    /// Counts one more in every window, or in none and returns how long to wait. Keys are digests
    /// of at most 64 characters, each at most once.
    pub async fn consume_rate_limits(
        &self,
        counters: &[Counter],
        now: DateTime<Utc>,
    ) -> Result<Option<TimeDelta>, StoreError> {
        // Refused requests, of which there may be many, take no lock and write nothing.
        if let Some(wait) = self.rate_limit_wait(counters, now).await? {
            return Ok(Some(wait));
        }
        let mut counters: Vec<&Counter> = counters.iter().collect();
        counters.sort_by(|a, b| a.key.cmp(&b.key));
        let counters = &counters;
        self.write(|tx| async move {
            let mut windows = Vec::new();
            for counter in counters {
                windows.push((counter, lock(&tx, &counter.key, now).await?));
            }
            let waits =
                windows.iter().filter_map(|(counter, window)| window.wait(counter.rate, now));
            if let Some(wait) = waits.max() {
                return Ok(Commit(Some(wait)));
            }
            for (counter, mut window) in windows {
                window.record(counter.rate, now);
                let recorded = ActiveModel {
                    times: Set(to_text(&window)),
                    ends_at: Set((now + counter.rate.period).into()),
                    ..Default::default()
                };
                let row = Entity::update_many().set(recorded);
                row.filter(Column::Digest.eq(counter.key.as_str())).exec(&tx).await?;
            }
            Ok(Commit(None))
        })
        .await
    }

    /// How long to wait until every window accepts a request. Counts nothing.
    pub async fn rate_limit_wait(
        &self,
        counters: &[Counter],
        now: DateTime<Utc>,
    ) -> Result<Option<TimeDelta>, StoreError> {
        let mut longest = None;
        for Counter { key, rate } in counters {
            let row = Entity::find_by_id(key).one(self.reader()).await?;
            let window = row.map(|row| from_text(&row.times)).transpose()?.unwrap_or_default();
            longest = longest.max(window.wait(*rate, now));
        }
        Ok(longest)
    }

    /// Counts an attempt at this time no more.
    pub async fn give_back_rate_limits(
        &self,
        keys: &[String],
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut keys: Vec<&String> = keys.iter().collect();
        keys.sort();
        let keys = &keys;
        self.write(|tx| async move {
            for key in keys {
                let row = Entity::find_by_id(key.as_str()).lock_exclusive().one(&tx).await?;
                let Some(row) = row else { continue };
                let mut window = from_text(&row.times)?;
                window.give_back(at);
                let left = ActiveModel { times: Set(to_text(&window)), ..Default::default() };
                let row = Entity::update_many().set(left);
                row.filter(Column::Digest.eq(key.as_str())).exec(&tx).await?;
            }
            Ok(Commit(()))
        })
        .await
    }

    /// Deletes windows.
    pub async fn clear_rate_limits(&self, keys: &[String]) -> Result<(), StoreError> {
        for key in keys {
            Entity::delete_by_id(key).exec(self.writer()).await?;
        }
        Ok(())
    }

    /// Deletes the windows whose times have all expired and returns how many there were.
    pub async fn delete_expired_rate_limits(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let mut removed = 0;
        loop {
            let gone = self.delete_some_expired_rate_limits(now).await?;
            if gone == 0 {
                return Ok(removed);
            }
            removed += gone;
        }
    }

    async fn delete_some_expired_rate_limits(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        self.write(|tx| async move {
            // Locked rows are skipped, because they are in use.
            let expired = Entity::find()
                .filter(Column::EndsAt.lte(now))
                .order_by_asc(Column::EndsAt)
                .limit(BATCH)
                .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
            let expired = expired.select_only().column(Column::Digest).into_tuple::<String>();
            let expired = expired.all(&tx).await?;
            let mut gone = 0;
            for digest in expired {
                gone += Entity::delete_by_id(digest).exec(&tx).await?.rows_affected;
            }
            Ok(Commit(gone))
        })
        .await
    }
}

/// A window whose row is locked until the transaction ends.
async fn lock(
    tx: &Transaction,
    key: &str,
    now: DateTime<Utc>,
) -> Result<SlidingWindow, StoreError> {
    for _ in 0..ATTEMPTS {
        if let Some(row) = Entity::find_by_id(key).lock_exclusive().one(tx).await? {
            return from_text(&row.times);
        }
        let empty = Entity::insert(ActiveModel {
            digest: Set(key.to_owned()),
            times: Set(String::new()),
            ends_at: Set(now.into()),
        });
        // On MySQL this is an UPDATE to the same. INSERT IGNORE would take a shared lock, which two
        // cannot both make an exclusive one.
        let empty = empty.on_conflict_do_nothing_on([Column::Digest]);
        empty.exec_without_returning(tx).await?;
    }
    Err(DbErr::RecordNotFound("a rate limit vanishes again and again".to_owned()).into())
}

/// Microseconds since 1970, with commas.
fn to_text(window: &SlidingWindow) -> String {
    let times: Vec<_> = window.times().map(|time| time.timestamp_micros().to_string()).collect();
    times.join(",")
}

fn from_text(text: &str) -> Result<SlidingWindow, StoreError> {
    let times = text.split(',').filter(|part| !part.is_empty());
    times
        .map(|part| part.parse().ok().and_then(DateTime::from_timestamp_micros))
        .collect::<Option<SlidingWindow>>()
        .ok_or_else(|| DbErr::Type("rest_auth_rate_limit.times has no list of times".into()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_and_nothing_else_does() {
        let at = |micros| DateTime::from_timestamp_micros(micros).unwrap();
        for window in
            [SlidingWindow::default(), [at(1), at(1_800_000_000_000_001)].into_iter().collect()]
        {
            assert_eq!(from_text(&to_text(&window)).unwrap(), window);
        }
        // A window that cannot be read must not count as empty.
        for text in ["x", "1,x", "99999999999999999999"] {
            assert!(from_text(text).is_err(), "{text}");
        }
    }
}
