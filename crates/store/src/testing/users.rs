//! Users of tests.

use crate::{CreatedUser, NewUser, Outgoing, Store, StoreError};

impl Store {
    /// Makes a user whom no mail tells of it.
    ///
    /// # Errors
    /// As [`Store::create_user_with_mail`].
    pub async fn create_user(&self, new: &NewUser) -> Result<CreatedUser, StoreError> {
        self.create_user_with_mail(new, |_| Outgoing::default()).await
    }
}
