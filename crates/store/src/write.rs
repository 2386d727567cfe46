//! Transactions that write. All of them begin, end and are tried again here.

use crate::connection::{MOST_TRIES, Transaction, pause};
use crate::error::gives_way;
use crate::{Store, StoreError};

/// The end of a transaction that did not fail, and its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision<T> {
    /// The changes are kept.
    Commit(T),
    /// The changes are rolled back.
    RollBack(T),
}

pub(crate) use Decision::{Commit, RollBack};

impl Store {
    /// Runs `body` in a transaction that writes. An error rolls the changes back, and so does
    /// `RollBack`, which returns a value without an error.
    ///
    /// When the database lets another transaction go first, at COMMIT too, it has taken back all
    /// of this one, and `body` runs again from its beginning, at most five times in all. So it
    /// must change nothing outside the database.
    pub(crate) async fn write<T, F>(&self, body: impl Fn(Transaction) -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<Decision<T>, StoreError>>,
    {
        let mut tries = 1;
        loop {
            match self.attempt(&body).await {
                Err(StoreError::Database(error)) if tries < MOST_TRIES && gives_way(&error) => {
                    pause(tries).await;
                }
                other => return other,
            }
            tries += 1;
        }
    }

    async fn attempt<T, F>(&self, body: &impl Fn(Transaction) -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<Decision<T>, StoreError>>,
    {
        let tx = self.writer().begin().await?;
        match body(tx.clone()).await {
            Ok(Commit(answer)) => {
                tx.commit().await?;
                Ok(answer)
            }
            Ok(RollBack(answer)) => {
                roll_back(tx).await;
                Ok(answer)
            }
            Err(error) => {
                roll_back(tx).await;
                Err(error)
            }
        }
    }
}

/// A transaction that cannot be ended ends with its connection, which does not go back to the
/// pool.
async fn roll_back(tx: Transaction) {
    if let Err(error) = tx.roll_back().await {
        tracing::warn!(%error, "a transaction could not be rolled back");
    }
}
