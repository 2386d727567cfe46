//! Replaces the primary address of a user, for administrators.

use crate::address_changes::Move;
use crate::addresses::{self, Address, NewAddress};
use crate::connection::Transaction;
use crate::outgoing::Outgoing;
use crate::write::{Commit, RollBack};
use crate::{AddressChange, EmailChange, Store, StoreError, user_lock};

/// The address that an administrator gives to a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenAddress {
    /// The address, or empty for none.
    pub email: String,
    /// Whether it is verified. `None`: as the row of the address says; a user without any rows gets
    /// none.
    pub verified: Option<bool>,
}

impl Store {
    /// Gives a user another primary address, in the user's own column and as a row. The row of the
    /// address before goes with its pending confirmations; the other addresses stay.
    /// `Done(false)`: the column had it already.
    ///
    /// # Errors
    /// `Taken(VerifiedEmail)` if another user has verified it; nothing is changed then.
    pub async fn give_primary_address<L>(
        &self,
        user_id: i64,
        given: &GivenAddress,
        change: EmailChange<'_, L>,
    ) -> Result<AddressChange<bool>, StoreError>
    where
        L: Fn(&str) -> Outgoing + Send + Sync,
    {
        let change = &change;
        self.write(|tx| async move {
            let Some(old) = user_lock::lock(&tx, user_id).await? else {
                return Ok(RollBack(AddressChange::NotFound));
            };
            let email = given.email.to_lowercase();
            let present =
                if self.has_addresses() { addresses::of(&tx, user_id).await? } else { Vec::new() };
            for row in present.iter().filter(|row| row.email != email) {
                if row.primary || row.email == old.to_lowercase() {
                    addresses::delete(&tx, row.id).await?;
                }
            }
            let has_row = self.give_row(&tx, user_id, given, &present).await?;
            // A login may compare the column with the row, which is in lower case.
            let new = if has_row { &email } else { &given.email };
            let differs = *new != old;
            if differs {
                self.move_mail(&tx, &Move { user_id, old: &old, new }, change).await?;
            }
            Ok(Commit(AddressChange::Done(differs)))
        })
        .await
    }

    /// Makes the row of a given address the primary one, and tells whether there is one.
    async fn give_row(
        &self,
        tx: &Transaction,
        user_id: i64,
        given: &GivenAddress,
        present: &[Address],
    ) -> Result<bool, StoreError> {
        let email = given.email.to_lowercase();
        if let Some(row) = present.iter().find(|row| row.email == email) {
            match given.verified {
                Some(true) => addresses::mark_verified(tx, self.backend(), row.id).await?,
                Some(false) => addresses::set_verified(tx, row.id, false).await?,
                None => true,
            };
            return Ok(addresses::make_primary(tx, user_id, row.id).await?);
        }
        let is_asked_for = !present.is_empty() || given.verified.is_some();
        if email.is_empty() || !is_asked_for || !self.has_addresses() {
            return Ok(false);
        }
        let verified = given.verified.unwrap_or(false);
        let new = NewAddress { email, verified, primary: true };
        addresses::insert(tx, self.backend(), user_id, &new).await?;
        Ok(true)
    }
}
