//! Changes of a user's addresses that hold together with the user's own column, the epoch and the
//! mails about them.
//!
//! Each begins by locking the user, so that what is read of the addresses is still true when it is
//! acted on: of two requests at once the second sees what the first did.

use crate::addresses::{self, Address, NewAddress};
use crate::connection::Transaction;
use crate::outbox::{self, NewMail, Outgoing};
use crate::write::{Commit, RollBack};
use crate::{Epoch, Store, StoreError, accounts, epochs, user_lock};

/// The result of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddressChange<T> {
    /// The change is made.
    Done(T),
    /// There is no such user, or the user has no such address.
    NotFound,
    /// The user's present addresses do not allow it; nothing was changed.
    Refused,
}

/// How many addresses a user may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressLimit {
    /// Any number.
    Unlimited,
    /// So many, the new one included.
    AtMost(usize),
    /// One, and one that is to replace it: a new one takes the place of those that were never
    /// verified.
    Replacement,
}

/// What goes with a new address of the user's own column: `old` is the one before.
pub struct EmailChange<L> {
    /// What happens to credentials issued so far.
    pub epoch: Epoch,
    /// The mails about it, given the address before.
    pub mails: L,
}

/// An address of a user whom nobody else changes until the transaction ends.
struct LockedAddress {
    /// What the user's own column says.
    old: String,
    /// All addresses of the user.
    present: Vec<Address>,
    /// The one that it is about.
    address: Address,
}

/// Another address for the user's own column.
pub(crate) struct Move<'a> {
    pub(crate) user_id: i64,
    pub(crate) old: &'a str,
    pub(crate) new: &'a str,
}

impl Store {
    /// Adds an unverified address and puts the mails about it into the outbox: both or neither.
    /// `Refused`: the user has the maximum number of addresses.
    ///
    /// # Errors
    /// `Taken(Email)` if the user has the address already.
    pub async fn add_address_with_mail<L: Into<Outgoing>>(
        &self,
        user_id: i64,
        email: &str,
        limit: AddressLimit,
        mails: impl Fn(&Address) -> L + Send + Sync,
    ) -> Result<AddressChange<Address>, StoreError> {
        let mails = &mails;
        self.write(|tx| async move {
            if user_lock::lock(&tx, user_id).await?.is_none() {
                return Ok(RollBack(AddressChange::NotFound));
            }
            let present = addresses::of(&tx, user_id).await?;
            match limit {
                AddressLimit::AtMost(most) if present.len() >= most => {
                    return Ok(RollBack(AddressChange::Refused));
                }
                AddressLimit::AtMost(_) | AddressLimit::Unlimited => {}
                AddressLimit::Replacement => {
                    let waits = |a: &&Address| !a.verified && !a.primary && a.email != email;
                    for waiting in present.iter().filter(waits) {
                        addresses::delete(&tx, waiting.id).await?;
                    }
                }
            }
            let new = NewAddress { email: email.to_owned(), verified: false, primary: false };
            let address = addresses::insert(&tx, self.backend(), user_id, &new).await?;
            outbox::insert_outgoing(&tx, &mails(&address).into()).await?;
            Ok(Commit(AddressChange::Done(address)))
        })
        .await
    }

    /// Makes a verified address the primary one, in the user's own column too. `Done(false)`: it
    /// was. `Refused`: it is not verified.
    pub async fn change_primary_address<L>(
        &self,
        user_id: i64,
        id: i64,
        change: EmailChange<L>,
    ) -> Result<AddressChange<bool>, StoreError>
    where
        L: Fn(&str) -> Vec<NewMail> + Send + Sync,
    {
        let change = &change;
        self.write(|tx| async move {
            let Some(held) = self.hold(&tx, user_id, id).await? else {
                return Ok(RollBack(AddressChange::NotFound));
            };
            let LockedAddress { old, present: _, address } = held;
            if !address.verified {
                return Ok(RollBack(AddressChange::Refused));
            }
            if address.primary && address.email == old {
                return Ok(RollBack(AddressChange::Done(false)));
            }
            addresses::make_primary(&tx, user_id, id).await?;
            let moved = Move { user_id, old: &old, new: &address.email };
            self.move_mail(&tx, &moved, change).await?;
            Ok(Commit(AddressChange::Done(true)))
        })
        .await
    }

    /// Makes a verified address the only one of its user. `Refused`: it is not verified.
    pub async fn replace_addresses<L>(
        &self,
        user_id: i64,
        id: i64,
        change: EmailChange<L>,
    ) -> Result<AddressChange<bool>, StoreError>
    where
        L: Fn(&str) -> Vec<NewMail> + Send + Sync,
    {
        let change = &change;
        self.write(|tx| async move {
            let Some(held) = self.hold(&tx, user_id, id).await? else {
                return Ok(RollBack(AddressChange::NotFound));
            };
            let LockedAddress { old, present, address } = held;
            if !address.verified {
                return Ok(RollBack(AddressChange::Refused));
            }
            for other in present.iter().filter(|other| other.id != id) {
                addresses::delete(&tx, other.id).await?;
            }
            addresses::make_primary(&tx, user_id, id).await?;
            let differs = address.email != old;
            if differs {
                let moved = Move { user_id, old: &old, new: &address.email };
                self.move_mail(&tx, &moved, change).await?;
            }
            Ok(Commit(AddressChange::Done(differs)))
        })
        .await
    }

    /// Removes an address with its pending confirmations if `may_go` says so, given it and all
    /// that the user has. If it was the one in the user's own column, that is empty then.
    /// `Done(true)`: it was.
    pub async fn remove_address<L>(
        &self,
        user_id: i64,
        id: i64,
        may_go: impl Fn(&Address, &[Address]) -> bool + Send + Sync,
        change: EmailChange<L>,
    ) -> Result<AddressChange<bool>, StoreError>
    where
        L: Fn(&str) -> Vec<NewMail> + Send + Sync,
    {
        let (may_go, change) = (&may_go, &change);
        self.write(|tx| async move {
            let Some(held) = self.hold(&tx, user_id, id).await? else {
                return Ok(RollBack(AddressChange::NotFound));
            };
            let LockedAddress { old, present, address } = held;
            if !may_go(&address, &present) {
                return Ok(RollBack(AddressChange::Refused));
            }
            addresses::delete(&tx, id).await?;
            let was_own = old.to_lowercase() == address.email;
            if was_own {
                let moved = Move { user_id, old: &old, new: "" };
                self.move_mail(&tx, &moved, change).await?;
            }
            Ok(Commit(AddressChange::Done(was_own)))
        })
        .await
    }

    /// Locks a user, and finds one of their addresses.
    async fn hold(
        &self,
        tx: &Transaction,
        user_id: i64,
        id: i64,
    ) -> Result<Option<LockedAddress>, StoreError> {
        let Some(old) = user_lock::lock(tx, user_id).await? else {
            return Ok(None);
        };
        let present = addresses::of(tx, user_id).await?;
        let address = present.iter().find(|address| address.id == id).cloned();
        Ok(address.map(|address| LockedAddress { old, present, address }))
    }

    /// Writes the user's own column, and what goes with that.
    pub(crate) async fn move_mail<L>(
        &self,
        tx: &Transaction,
        moved: &Move<'_>,
        change: &EmailChange<L>,
    ) -> Result<(), StoreError>
    where
        L: Fn(&str) -> Vec<NewMail> + Send + Sync,
    {
        let EmailChange { epoch, mails } = change;
        let Move { user_id, old, new } = *moved;
        accounts::set_email(tx, user_id, new).await?;
        epochs::settle(tx, user_id, *epoch).await?;
        outbox::insert(tx, &mails(old)).await?;
        Ok(())
    }
}
