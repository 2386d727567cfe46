//! Verifying that an address belongs to who claims it.

use rest_auth_domain::email;
use rest_auth_domain::email_key::{self, StoredKey};
use rest_auth_mail::{Letter, LetterKind};
use rest_auth_store::{Address, Letters, NewConfirmation, StoreError, Unique, User};

use crate::auth::Auth;
use crate::client::Client;
use crate::credentials::{AskedWith, OpenSession};
use crate::emails;
use crate::error::AuthError;
use crate::limits::{self, Action, Who};
use crate::links::{self, LinkBase};
use crate::outbox;

/// Verifies the address that a key from a mail is for. With `account.change_email` it takes the
/// place of the user's other one; the session that is returned goes on then.
///
/// # Errors
/// [`AuthError::NotFound`] for a key that is unknown, too old or used, and for an address that
/// meanwhile is verified for somebody else.
pub async fn verify(
    auth: &Auth,
    key: &str,
    asked_with: &AskedWith<'_>,
) -> Result<Option<OpenSession>, AuthError> {
    let Some((address, user)) = address_of(auth, key).await? else {
        return Err(AuthError::NotFound);
    };
    if auth.settings().account.unique_email && verified_elsewhere(auth, &address).await? {
        return Err(AuthError::NotFound);
    }
    match auth.store().set_address_verified(address.id).await {
        Ok(true) => {}
        // Somebody else was faster, here or with another account.
        Ok(false) | Err(StoreError::Taken(Unique::VerifiedEmail)) => {
            return Err(AuthError::NotFound);
        }
        Err(error) => return Err(error.into()),
    }
    let addresses = auth.store().addresses_of(user.id).await?;
    if addresses.iter().all(|a| !a.primary) {
        auth.store().set_address_primary(user.id, address.id).await?;
    }
    tracing::info!(event = "email_verified", user = user.id);
    emails::take_over(auth, &user, &address, asked_with).await
}

/// Mails another key to an address of somebody who has not verified it. The caller learns nothing
/// of whether there is one.
///
/// # Errors
/// [`AuthError::Throttled`] after too many attempts, and whatever the database says.
pub async fn resend(
    auth: &Auth,
    address: &str,
    client: &Client,
    base: &LinkBase,
    language: &str,
) -> Result<(), AuthError> {
    let who = Who::at(client).key(email::canonical(address));
    limits::spend(auth, Action::ResendEmail, &who).await?;
    // As in the original the spelling must be the stored one, which is lower case.
    let rows = auth.store().address_rows(address).await?;
    let Some(row) = rows.into_iter().find(|row| row.email == address && !row.verified) else {
        return Ok(());
    };
    let Some((row, user)) = auth.store().address_with_user(row.id).await? else { return Ok(()) };
    auth.store().enqueue_letters(&letters(auth, &user, &row, (base, language))).await?;
    auth.bell().ring();
    Ok(())
}

/// A letter with a key for an address, and the key where the database keeps it. `links` are what
/// the link begins with, and the language.
pub(crate) fn letters(
    auth: &Auth,
    user: &User,
    address: &Address,
    links: (&LinkBase, &str),
) -> Letters {
    let (base, language) = links;
    let (key, confirmation) = new_key(auth, address);
    let activate_url = links::email_confirmation(auth, base, &key);
    let letter = Letter::new(LetterKind::EmailConfirmation, &address.email, language)
        .with("user", links::display_name(auth, user))
        .with("email", address.email.as_str())
        .with("key", key)
        .with("activate_url", activate_url);
    Letters { mails: vec![outbox::row(auth, &letter)], confirmation }
}

fn new_key(auth: &Auth, address: &Address) -> (String, Option<NewConfirmation>) {
    let settings = &auth.settings().account;
    let now = auth.now();
    if settings.email_confirmation_hmac {
        return (email_key::make(auth.keys(), &settings.salt, address.id, now), None);
    }
    let key = email_key::generate(auth.random());
    let row =
        NewConfirmation { address_id: address.id, key: key.clone(), created: now, sent: Some(now) };
    (key, Some(row))
}

/// The unverified address of a key, signed or stored.
async fn address_of(auth: &Auth, key: &str) -> Result<Option<(Address, User)>, AuthError> {
    let settings = &auth.settings().account;
    let now = auth.now();
    let days = i64::from(settings.email_confirmation_expire_days);
    let id = if settings.email_confirmation_hmac {
        email_key::read(auth.keys(), &settings.salt, key, days, now).ok()
    } else {
        let found = auth.store().confirmation_by_key(&email_key::look_up(key)).await?;
        found.and_then(|(row, address)| {
            let worth = email_key::judge(row.sent, address.verified, days, now);
            (worth == StoredKey::Confirms).then_some(address.id)
        })
    };
    let Some(id) = id else { return Ok(None) };
    let found = auth.store().address_with_user(id).await?;
    Ok(found.filter(|(address, _)| !address.verified))
}

async fn verified_elsewhere(auth: &Auth, address: &Address) -> Result<bool, AuthError> {
    let rows = auth.store().address_rows(&address.email).await?;
    Ok(rows.iter().any(|row| row.verified && row.id != address.id))
}
