//! Verifies that an address belongs to the user.
//!
//! Reading order: what a mail carries (`outgoing`), then its use: [`verify`] for the key of a link,
//! [`verify_code`] for a code. Keys of ours and of allauth are in `keys`.

mod keys;

use std::cmp::Reverse;

use futures_util::future::BoxFuture;
use rest_auth_domain::email;
use rest_auth_domain::message::Message;
use rest_auth_mail::{MailContent, MailKind};
use rest_auth_store::{Address, NewAddress, OneTime, Outgoing, StoreError, Unique, User};

use crate::auth::Auth;
use crate::context::Context;
use crate::current_session::OpenSession;
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::limits::{self, Action, LimitKey};
use crate::links;
use crate::lookup::{self, NOBODY};
use crate::mailed_secret::{self, Recipient, SecretKind, SentTo, ShownSecret};
use crate::outbox;
use crate::primary_address::{self, Changed, PrimaryChange};
use crate::settings::account::EmailVerification;

/// Verifies the address that a key from a mail is for. With `account.change_email` it replaces the
/// user's other one; then the returned session continues.
///
/// # Errors
/// [`AuthError::NotFound`] for a key that is unknown, too old or used, and for an address that
/// meanwhile is verified for somebody else.
pub async fn verify(
    auth: &Auth,
    context: &Context,
    key: &str,
) -> Result<Option<OpenSession>, AuthError> {
    let Some(found) = keys::find(auth, key).await? else { return Err(AuthError::NotFound) };
    let keys::FoundKey { address, user, secret } = found;
    if !complete(auth, context, &address, &user, secret.as_ref()).await? {
        return Err(AuthError::NotFound);
    }
    replace_primary(auth, context, &user, &address).await
}

/// Whether [`verify`] would take a key as things are now. It is not used up.
///
/// # Errors
/// Errors of the database.
pub async fn is_open(auth: &Auth, key: &str) -> Result<bool, AuthError> {
    let Some(found) = keys::find(auth, key).await? else { return Ok(false) };
    let may_be_taken = auth.settings().account.unique_email;
    Ok(!may_be_taken || !verified_elsewhere(auth, &found.address).await?)
}

/// Verifies an address that a code was mailed to, where
/// `account.email_verification_by_code_enabled` is on, with what [`verify`] does. Every call counts
/// against the code.
///
/// # Errors
/// [`AuthError::Invalid`] of `code`, with the same message and after the same work for an address
/// that is not waiting for verification, a wrong code and an expired one.
pub async fn verify_code(
    auth: &Auth,
    context: &Context,
    email: &str,
    code: &str,
) -> Result<Option<OpenSession>, AuthError> {
    let wrong = || AuthError::field("code", Message::InvalidCode);
    let claims = claims(auth, &email.to_lowercase()).await?;
    let shown = mailed_secret::try_code(auth, SecretKind::VerificationCode, claims, code).await?;
    let Some(ShownSecret { recipient, secret }) = shown else { return Err(wrong()) };
    let Recipient { user, to } = &recipient;
    let Some((address, user)) = still_to_verify(auth, user, to).await? else {
        return Err(wrong());
    };
    if !complete(auth, context, &address, &user, Some(&secret)).await? {
        return Err(wrong());
    }
    replace_primary(auth, context, &user, &address).await
}

/// Mails another key or code to an address that is not verified. The caller does not learn whether
/// there is such an address.
///
/// # Errors
/// [`AuthError::Throttled`] after too many attempts, and errors of the database.
pub async fn resend(auth: &Auth, context: &Context, address: &str) -> Result<(), AuthError> {
    let key = LimitKey::at(&context.client).key(email::canonical(address));
    limits::consume(auth, Action::ResendEmail, &key).await?;
    if let Some((row, user)) = awaited(auth, address).await? {
        outbox::enqueue(auth, &outgoing(auth, context, &user, &row)).await
    } else {
        // Enqueue a decoy, so that the response time does not reveal whether this mail is awaited.
        outbox::enqueue_decoys(auth, &decoy(auth, context)).await
    }
}

/// The mail to nobody, with its key or code.
pub(crate) fn decoy(auth: &Auth, context: &Context) -> Outgoing {
    let Recipient { user: nobody, to } = Recipient::nobody(auth);
    let user = nobody.user;
    let (id, user_id) = (user.id, user.id);
    let row = Address { id, user_id, email: to.email, verified: false, primary: true };
    outgoing(auth, context, &user, &row)
}

/// The only user of an address that may have no record, such as one whom an administrator made.
/// They are looked for where nobody can log in without verifying the address, whether there is a
/// record or not, so that the response time does not tell.
async fn own_address(auth: &Auth, address: &str) -> Result<Option<User>, AuthError> {
    if auth.settings().account.email_verification != EmailVerification::Mandatory {
        return Ok(None);
    }
    let mut users = auth.store().users_by_email::<User>(address).await?;
    let only = users.pop().filter(|_| users.is_empty()).map(|found| found.user);
    Ok(only.filter(|user| user.is_active))
}

/// Makes the row of the address in a user's own column, as allauth does when it needs one: not
/// verified, and not the primary one. Returns its key; 0: another request was faster.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn record_own(auth: &Auth, user: &User) -> Result<i64, AuthError> {
    let email = user.email.to_lowercase();
    let new = NewAddress { email, verified: false, primary: false };
    match auth.store().add_address(user.id, &new).await {
        Ok(address) => Ok(address.id),
        Err(StoreError::Taken(_)) => Ok(0),
        Err(error) => Err(error.into()),
    }
}

/// The account that another mail to an address is for. Where there is none, as much is read as for
/// one.
///
/// With `account.identify_by_proven_email` it is the newest account that was made with the address,
/// as long as nobody has verified it: an earlier one is a stranger's, whom this mail must not serve.
async fn awaited(auth: &Auth, address: &str) -> Result<Option<(Address, User)>, AuthError> {
    // As in dj-rest-auth the spelling must be the stored one, which is lower case.
    let mut rows = auth.store().address_rows(address).await?;
    let of_column = own_address(auth, address).await?;
    if let (true, Some(user)) = (rows.is_empty(), of_column) {
        record_own(auth, &user).await?;
        rows = auth.store().address_rows(address).await?;
    }
    rows.retain(|row| row.email == address);
    let settings = &auth.settings().account;
    if settings.identify_by_proven_email {
        if settings.unique_email && rows.iter().any(|row| row.verified) {
            rows.clear();
        }
        rows.sort_by_key(|row| Reverse(row.id));
        // A registration makes the first row of an address the primary one of its user. Where it is
        // not, an administrator made that account for the address, and it goes first.
        if let Some(oldest) = rows.pop_if(|row| !row.primary) {
            rows.insert(0, oldest);
        }
    }
    rows.retain(|row| !row.verified);
    for row in &rows {
        let Some((row, user)) = auth.store().address_with_user(row.id).await? else { continue };
        let own = auth.store().addresses_of(user.id).await?;
        if lookup::identifies(auth, &user, &own, address) {
            return Ok(Some((row, user)));
        }
    }
    if rows.is_empty() {
        auth.store().address_with_user(NOBODY).await?;
        auth.store().addresses_of(NOBODY).await?;
    }
    Ok(None)
}

/// A mail with a key or a code for an address, and what the database keeps of it.
pub(crate) fn outgoing(auth: &Auth, context: &Context, user: &User, address: &Address) -> Outgoing {
    let to = SentTo { email: address.email.clone(), address_id: Some(address.id) };
    let recipient = Recipient { user: user.clone(), to };
    let mail = |kind| {
        MailContent::new(kind, &address.email, &context.language)
            .with("user", links::display_name(auth, user))
            .with("email", address.email.as_str())
    };
    if auth.settings().account.email_verification_by_code_enabled {
        let (code, secret) =
            mailed_secret::issue_code(auth, SecretKind::VerificationCode, &recipient);
        let mail = mail(MailKind::EmailConfirmationCode).with("code", code);
        let mails = vec![outbox::row(auth, &mail)];
        return Outgoing { mails, secrets: vec![secret], ..Outgoing::default() };
    }
    let key = keys::new(auth, &recipient, address.id);
    let activate_url = links::email_confirmation(auth.settings(), &context.links, &key.shown);
    let mail =
        mail(MailKind::EmailConfirmation).with("key", key.shown).with("activate_url", activate_url);
    let mails = vec![outbox::row(auth, &mail)];
    let secrets = key.secret.into_iter().collect();
    Outgoing { mails, confirmation: key.confirmation, secrets }
}

/// Marks an address as verified because its owner has proven in another way that they receive its
/// mail. Nothing happens if it is verified already, deleted, or another user's.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn verify_by_reset(
    auth: &Auth,
    context: &Context,
    user: &User,
    to: &SentTo,
) -> Result<(), AuthError> {
    let found = still_to_verify(auth, user, to).await?;
    // Where a new address replaces the old one, that takes the mail about it.
    let replaces = |address: &Address| auth.settings().account.change_email && !address.primary;
    if let Some((address, user)) = found.filter(|(address, _)| !replaces(address)) {
        complete(auth, context, &address, &user, None).await?;
    }
    Ok(())
}

/// Marks an address as verified because a provider says that it is this user's.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn verify_by_provider(
    auth: &Auth,
    context: &Context,
    user: &User,
    email: &str,
) -> Result<(), AuthError> {
    let rows = auth.store().addresses_of(user.id).await?;
    let row = match rows.iter().find(|row| row.email.to_lowercase() == email) {
        Some(row) => row.id,
        None => record_own(auth, user).await?,
    };
    if let Some((address, user)) = auth.store().address_with_user(row).await?
        && !address.verified
    {
        complete(auth, context, &address, &user, None).await?;
    }
    Ok(())
}

/// With `account.change_email` an address that has just been verified replaces all others of its
/// user. The credentials of the request stay valid, if they are the same user's.
async fn replace_primary(
    auth: &Auth,
    context: &Context,
    user: &User,
    address: &Address,
) -> Result<Option<OpenSession>, AuthError> {
    if !auth.settings().account.change_email {
        return Ok(None);
    }
    match primary_address::change(auth, context, user, PrimaryChange::Replace(address)).await? {
        Changed::Moved(session) => Ok(session),
        // It was the user's only one, or has been deleted since.
        Changed::Same | Changed::NotFound | Changed::Refused | Changed::Taken => Ok(None),
    }
}

/// The users who have an address and have not verified it.
async fn claims(auth: &Auth, email: &str) -> Result<Vec<Recipient>, AuthError> {
    let mut claims = Vec::new();
    let mut rows = auth.store().address_rows(email).await?;
    rows.retain(|row| !row.verified);
    if rows.is_empty() {
        auth.store().address_with_user(NOBODY).await?;
    }
    for row in rows {
        if let Some((address, user)) = auth.store().address_with_user(row.id).await?
            && user.is_active
        {
            let to = SentTo { email: address.email, address_id: Some(address.id) };
            claims.push(Recipient { user, to });
        }
    }
    Ok(claims)
}

/// The address that a secret was mailed to, while it is what it was then and not verified.
async fn still_to_verify(
    auth: &Auth,
    recipient: &User,
    to: &SentTo,
) -> Result<Option<(Address, User)>, AuthError> {
    let Some(id) = to.address_id else { return Ok(None) };
    let found = auth.store().address_with_user(id).await?;
    Ok(found.filter(|(address, user)| {
        user.id == recipient.id && address.email == to.email && !address.verified
    }))
}

/// Verifies an address and uses up the secret that proves it, if there is one to use up. `false`:
/// it was used already, or the address is verified for somebody else.
fn complete<'a>(
    auth: &'a Auth,
    context: &'a Context,
    address: &'a Address,
    user: &'a User,
    secret: Option<&'a OneTime>,
) -> BoxFuture<'a, Result<bool, AuthError>> {
    Box::pin(async move {
        let store = auth.store();
        if auth.settings().account.unique_email && verified_elsewhere(auth, address).await? {
            return Ok(false);
        }
        let done = match secret {
            Some(secret) => store.verify_address_once(secret, address.id, auth.now()).await,
            None => store.set_address_verified(address.id).await,
        };
        match done {
            Ok(true) => {}
            // Another request was faster, for this or another account.
            Ok(false) | Err(StoreError::Taken(Unique::VerifiedEmail)) => return Ok(false),
            Err(error) => return Err(error.into()),
        }
        primary_address::set_first(auth, user, address).await?;
        events::record(auth, &context.client, Event::EmailVerified { user: user.id });
        Ok(true)
    })
}

async fn verified_elsewhere(auth: &Auth, address: &Address) -> Result<bool, AuthError> {
    let rows = auth.store().address_rows(&address.email).await?;
    Ok(rows.iter().any(|row| row.verified && row.id != address.id))
}
