//! Every change of a user's primary address: the rows, the user's own column, the epoch, the notice
//! to the old address, and the end of other credentials.

use rest_auth_store::{
    Address, AddressAction, AddressChange, EmailChange, Epoch, GivenAddress, StoreError, Unique,
    User,
};

use crate::auth::Auth;
use crate::context::Context;
use crate::credentials::continuing::Continuing;
use crate::credentials::{self, KeptCredentials};
use crate::current_session::OpenSession;
use crate::emails::rules;
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::{notices, outbox};

/// The kind of change.
#[derive(Clone, Copy, Debug)]
pub(crate) enum PrimaryChange<'a> {
    /// A verified address of the user becomes the primary one; the others stay.
    Choose(&'a Address),
    /// A verified address of the user becomes the primary one, and the others are removed.
    Replace(&'a Address),
    /// An address is removed. If it was the primary one, there is none afterwards.
    Remove(&'a Address),
    /// An administrator replaces the primary address.
    Give(&'a GivenAddress),
}

/// The result of a change.
#[derive(Debug)]
pub(crate) enum Changed {
    /// The primary address has changed. If the other credentials have ended, the session of the
    /// request continues as this one.
    Moved(Option<OpenSession>),
    /// The primary address is the same.
    Same,
    /// There is no such user, or the user has no such address.
    NotFound,
    /// The user's present addresses do not allow it; nothing was changed.
    Refused,
    /// Another user has verified the address.
    Taken,
}

impl<'a> PrimaryChange<'a> {
    /// The primary address after it, if there is one.
    fn address(self) -> Option<&'a str> {
        match self {
            Self::Choose(address) | Self::Replace(address) => Some(&address.email),
            Self::Remove(_) => None,
            Self::Give(given) => Some(given.email.as_str()).filter(|email| !email.is_empty()),
        }
    }
}

/// Changes the primary address. `user` is the user before the change.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn change(
    auth: &Auth,
    context: &Context,
    user: &User,
    change: PrimaryChange<'_>,
) -> Result<Changed, AuthError> {
    let (store, new) = (auth.store(), change.address());
    let going_on = match credentials::epoch_on_password_change(auth) {
        Epoch::Bump => {
            Continuing::prepare(auth, user, Epoch::Bump, None, KeptCredentials::of(context))
        }
        Epoch::Keep => Continuing::nothing(auth, Epoch::Keep),
    };
    let goes_with = EmailChange {
        renewal: going_on.renewal(),
        outgoing: |old: &str| notices::email_changed(auth, context, user, old, new).into(),
    };
    let outcome = match change {
        PrimaryChange::Choose(address) => {
            store.change_address(user.id, address.id, AddressAction::Choose, goes_with).await
        }
        PrimaryChange::Replace(address) => {
            store.change_address(user.id, address.id, AddressAction::Replace, goes_with).await
        }
        PrimaryChange::Remove(address) => {
            let settings = &auth.settings().account;
            let may_go = |address: &Address, all: &[Address]| rules::may_go(settings, address, all);
            let action = AddressAction::Remove(&may_go);
            store.change_address(user.id, address.id, action, goes_with).await
        }
        PrimaryChange::Give(given) => store.give_primary_address(user.id, given, goes_with).await,
    };
    match outcome {
        Ok(AddressChange::Done(true)) => {
            events::record(auth, &context.client, Event::EmailChanged { user: user.id });
            outbox::wake(auth);
            Ok(Changed::Moved(going_on.into_session(auth)))
        }
        Ok(AddressChange::Done(false)) => Ok(Changed::Same),
        Ok(AddressChange::NotFound) => Ok(Changed::NotFound),
        Ok(AddressChange::Refused) => Ok(Changed::Refused),
        Err(StoreError::Taken(Unique::VerifiedEmail)) => Ok(Changed::Taken),
        Err(error) => Err(error.into()),
    }
}

/// Makes a verified address of a user the primary one if there is none. No credentials end, because
/// no other address identified the user before.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn set_first(
    auth: &Auth,
    user: &User,
    address: &Address,
) -> Result<(), AuthError> {
    let addresses = auth.store().addresses_of(user.id).await?;
    if addresses.iter().all(|address| !address.primary) {
        auth.store().set_address_primary(user.id, address.id).await?;
    }
    Ok(())
}
