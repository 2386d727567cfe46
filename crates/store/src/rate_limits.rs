//! `rest_auth_rate_limit`: what somebody did lately, for limits that several instances share.
//!
//! A row is a sliding window: the times of what was let through. Whoever counts locks the rows of
//! his windows, always in the order of their keys, so that nobody waits for somebody who waits for
//! him; so of any number that race no more pass than fit.

use chrono::{DateTime, TimeDelta, Utc};
use rest_auth_domain::sliding_window::{Counter, SlidingWindow};
use sea_orm::DbErr;

use crate::connection::Transaction;
use crate::entity::rate_limit::{DigestRow, WindowRow};
use crate::{Backend, Store, StoreError, sql};

const FIND: &str = r#"SELECT "times" FROM "rest_auth_rate_limit" WHERE "digest" = ?"#;
const FIND_LOCKED: &str =
    r#"SELECT "times" FROM "rest_auth_rate_limit" WHERE "digest" = ? FOR UPDATE"#;
const INSERT: &str = r#"INSERT INTO "rest_auth_rate_limit" ("digest", "times", "ends_at")
    VALUES (?, '', ?) ON CONFLICT ("digest") DO NOTHING"#;
// INSERT IGNORE would take a shared lock, which two cannot both make an exclusive one.
const INSERT_MYSQL: &str = r#"INSERT INTO "rest_auth_rate_limit" ("digest", "times", "ends_at")
    VALUES (?, '', ?) ON DUPLICATE KEY UPDATE "digest" = "digest""#;
const UPDATE: &str =
    r#"UPDATE "rest_auth_rate_limit" SET "times" = ?, "ends_at" = ? WHERE "digest" = ?"#;
const DELETE: &str = r#"DELETE FROM "rest_auth_rate_limit" WHERE "digest" = ?"#;
const EXPIRED: &str = r#"SELECT "digest" FROM "rest_auth_rate_limit"
    WHERE "ends_at" <= ? ORDER BY "ends_at" LIMIT 500"#;
const EXPIRED_LOCKED: &str = r#"SELECT "digest" FROM "rest_auth_rate_limit"
    WHERE "ends_at" <= ? ORDER BY "ends_at" LIMIT 500 FOR UPDATE SKIP LOCKED"#;

/// How often a row may vanish between the insert and the look at it: whoever removes it commits
/// first, so that once is rare.
const ATTEMPTS: usize = 5;

impl Store {
    /// Counts one more in every window, or in none and tells how long to wait. Keys are digests of
    /// at most 64 characters, each at most once.
    pub async fn spend_rate_limits(
        &self,
        counters: &[Counter],
        now: DateTime<Utc>,
    ) -> Result<Option<TimeDelta>, StoreError> {
        // Those who are refused, which may be a flood of them, need no lock and write nothing.
        if let Some(wait) = self.rate_limit_wait(counters, now).await? {
            return Ok(Some(wait));
        }
        let mut counters: Vec<&Counter> = counters.iter().collect();
        counters.sort_by(|a, b| a.key.cmp(&b.key));
        let tx = self.begin().await?;
        let mut windows = Vec::new();
        for counter in counters {
            windows.push((counter, lock(&tx, self.backend(), &counter.key, now).await?));
        }
        let waits = windows.iter().filter_map(|(counter, window)| window.wait(counter.rate, now));
        let wait = waits.max();
        if wait.is_none() {
            for (counter, mut window) in windows {
                window.record(counter.rate, now);
                let values = [
                    to_text(&window).into(),
                    (now + counter.rate.period).into(),
                    counter.key.as_str().into(),
                ];
                sql::execute(&tx, UPDATE, values).await?;
            }
        }
        tx.commit().await?;
        Ok(wait)
    }

    /// How long to wait until there is room in every window. Counts nothing.
    pub async fn rate_limit_wait(
        &self,
        counters: &[Counter],
        now: DateTime<Utc>,
    ) -> Result<Option<TimeDelta>, StoreError> {
        let mut longest = None;
        for Counter { key, rate } in counters {
            let row = sql::one::<WindowRow, _>(self.reader(), FIND, [key.as_str().into()]).await?;
            let window = row.map(|row| from_text(&row.times)).transpose()?.unwrap_or_default();
            longest = longest.max(window.wait(*rate, now));
        }
        Ok(longest)
    }

    /// Forgets windows.
    pub async fn clear_rate_limits(&self, keys: &[String]) -> Result<(), StoreError> {
        for key in keys {
            sql::execute(self.writer(), DELETE, [key.as_str().into()]).await?;
        }
        Ok(())
    }

    /// Forgets the windows in which nothing matters any more and tells how many there were.
    pub async fn delete_expired_rate_limits(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        // Rows that somebody has locked are skipped: they are about to be used again.
        let select = match self.backend() {
            Backend::Sqlite => EXPIRED,
            Backend::Postgres | Backend::Mysql => EXPIRED_LOCKED,
        };
        let mut removed = 0;
        loop {
            let tx = self.begin().await?;
            let rows = sql::all::<DigestRow, _>(&tx, select, [now.into()]).await?;
            for row in &rows {
                removed += sql::execute(&tx, DELETE, [row.digest.as_str().into()]).await?;
            }
            tx.commit().await?;
            if rows.is_empty() {
                return Ok(removed);
            }
        }
    }
}

/// A window whose row nobody else can change before the transaction ends.
async fn lock(
    tx: &Transaction,
    backend: Backend,
    key: &str,
    now: DateTime<Utc>,
) -> Result<SlidingWindow, StoreError> {
    let (find, insert) = match backend {
        // The transaction has locked the whole file.
        Backend::Sqlite => (FIND, INSERT),
        Backend::Postgres => (FIND_LOCKED, INSERT),
        Backend::Mysql => (FIND_LOCKED, INSERT_MYSQL),
    };
    for _ in 0..ATTEMPTS {
        if let Some(row) = sql::one::<WindowRow, _>(tx, find, [key.into()]).await? {
            return from_text(&row.times);
        }
        sql::execute(tx, insert, [key.into(), now.into()]).await?;
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
        // A window that cannot be read must not pass for an empty one.
        for text in ["x", "1,x", "99999999999999999999"] {
            assert!(from_text(text).is_err(), "{text}");
        }
    }
}
