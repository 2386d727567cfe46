//! Epochs that tests raise, which otherwise goes with what ends the credentials.

use crate::write::Commit;
use crate::{Store, StoreError, epochs};

impl Store {
    /// Raises the epoch of a user and returns the new one.
    pub async fn bump_epoch(&self, user_id: i64) -> Result<i64, StoreError> {
        self.write(|tx| async move {
            epochs::raise(&tx, user_id).await?;
            Ok(Commit(epochs::of(&tx, user_id).await?))
        })
        .await
    }
}
