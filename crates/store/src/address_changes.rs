//! Changes of a user's addresses that hold together with the user's own column, the epoch and the
//! mails about them.
//!
//! Each begins by locking the user, so that what is read of the addresses is still true when it is
//! acted on: of two requests at once the second sees what the first did.

use crate::addresses::{self, Address, NewAddress};
use crate::connection::Transaction;
use crate::outgoing::{self, Outgoing};
use crate::renewal::Renewal;
use crate::write::{Commit, RollBack};
use crate::{Store, StoreError, user_columns, user_lock};

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

/// Tells whether an address may be removed, given it and all that the user has.
pub type MayGo<'a> = &'a (dyn Fn(&Address, &[Address]) -> bool + Send + Sync);

/// What happens to an address of a user.
#[derive(Clone, Copy)]
pub enum AddressAction<'a> {
    /// It becomes the primary one, and the user's own column has it. It must be verified.
    Choose,
    /// It becomes the only one. It must be verified.
    Replace,
    /// It is removed with its pending confirmations, if that is allowed. If it was the one in the
    /// user's own column, that is empty then.
    Remove(MayGo<'a>),
}

/// What goes with a new address of the user's own column: `old` is the one before.
pub struct EmailChange<'a, L> {
    /// What happens to the credentials of the user.
    pub renewal: &'a Renewal,
    /// The mails about it, given the address before.
    pub outgoing: L,
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

impl AddressAction<'_> {
    fn is_allowed(self, held: &LockedAddress) -> bool {
        match self {
            Self::Choose | Self::Replace => held.address.verified,
            Self::Remove(may_go) => may_go(&held.address, &held.present),
        }
    }
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
            outgoing::insert(&tx, &mails(&address).into()).await?;
            Ok(Commit(AddressChange::Done(address)))
        })
        .await
    }

    /// Changes what one of the user's addresses is, and the user's own column with it. `Done(true)`:
    /// the column has changed.
    pub async fn change_address<L>(
        &self,
        user_id: i64,
        id: i64,
        action: AddressAction<'_>,
        change: EmailChange<'_, L>,
    ) -> Result<AddressChange<bool>, StoreError>
    where
        L: Fn(&str) -> Outgoing + Send + Sync,
    {
        let change = &change;
        self.write(|tx| async move {
            let Some(held) = self.hold(&tx, user_id, id).await? else {
                return Ok(RollBack(AddressChange::NotFound));
            };
            if !action.is_allowed(&held) {
                return Ok(RollBack(AddressChange::Refused));
            }
            let new = self.act(&tx, action, &held).await?;
            if let Some(new) = new {
                let moved = Move { user_id, old: &held.old, new };
                self.move_mail(&tx, &moved, change).await?;
            }
            Ok(Commit(AddressChange::Done(new.is_some())))
        })
        .await
    }

    /// Changes the rows of addresses, and tells what the user's own column has to be, if that
    /// changes.
    async fn act<'h>(
        &self,
        tx: &Transaction,
        action: AddressAction<'_>,
        held: &'h LockedAddress,
    ) -> Result<Option<&'h str>, StoreError> {
        let LockedAddress { old, present, address } = held;
        let differs = address.email != *old;
        match action {
            AddressAction::Choose => {
                if address.primary && !differs {
                    return Ok(None);
                }
                addresses::make_primary(tx, address.user_id, address.id).await?;
                Ok(Some(&address.email))
            }
            AddressAction::Replace => {
                for other in present.iter().filter(|other| other.id != address.id) {
                    addresses::delete(tx, other.id).await?;
                }
                addresses::make_primary(tx, address.user_id, address.id).await?;
                Ok(differs.then_some(&address.email))
            }
            AddressAction::Remove(_) => {
                addresses::delete(tx, address.id).await?;
                Ok((old.to_lowercase() == address.email).then_some(""))
            }
        }
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
        change: &EmailChange<'_, L>,
    ) -> Result<(), StoreError>
    where
        L: Fn(&str) -> Outgoing + Send + Sync,
    {
        let EmailChange { renewal, outgoing } = change;
        let Move { user_id, old, new } = *moved;
        user_columns::set_email(tx, user_id, new).await?;
        self.renew(tx, user_id, renewal).await?;
        outgoing::insert(tx, &outgoing(old)).await?;
        Ok(())
    }
}
