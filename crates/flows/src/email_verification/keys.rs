//! The keys in the links of verification mails: ours, or those of allauth.

use rest_auth_domain::email_key::{self, StoredKey};
use rest_auth_domain::opaque_token::digest_of;
use rest_auth_store::{Address, MailedSecret, NewConfirmation, OneTime, User};

use crate::auth::Auth;
use crate::error::AuthError;
use crate::mailed_secret::{self, Recipient, SecretKind};
use crate::settings::account::ConfirmationKeys;

/// A key to mail.
#[derive(Default)]
pub(super) struct NewKey {
    /// The text in the link.
    pub(super) shown: String,
    /// The row for a key of ours.
    pub(super) secret: Option<MailedSecret>,
    /// The row for a key of allauth's that is not signed.
    pub(super) confirmation: Option<NewConfirmation>,
}

/// What a key is for.
pub(super) struct FoundKey {
    pub(super) address: Address,
    pub(super) user: User,
    /// What is used up with it. Keys of allauth work until their address is verified.
    pub(super) secret: Option<OneTime>,
}

pub(super) fn new(auth: &Auth, recipient: &Recipient, address_id: i64) -> NewKey {
    let settings = &auth.settings().account;
    let now = auth.now();
    if settings.email_confirmation_keys == ConfirmationKeys::Stored {
        let shown = email_key::generate(auth.random());
        let secret = mailed_secret::issue(auth, SecretKind::VerificationKey, recipient, &shown);
        return NewKey { shown, secret: Some(secret), confirmation: None };
    }
    if settings.email_confirmation_hmac {
        let shown = email_key::make(auth.keys(), &settings.salt, address_id, now);
        return NewKey { shown, ..NewKey::default() };
    }
    let shown = email_key::generate(auth.random());
    let row = NewConfirmation { address_id, key: shown.clone(), created: now, sent: Some(now) };
    NewKey { shown, secret: None, confirmation: Some(row) }
}

/// The unverified address of a key.
pub(super) async fn find(auth: &Auth, key: &str) -> Result<Option<FoundKey>, AuthError> {
    if auth.settings().account.email_confirmation_keys == ConfirmationKeys::Stored {
        return of_ours(auth, key).await;
    }
    let Some(id) = of_allauth(auth, key).await? else { return Ok(None) };
    let found = auth.store().address_with_user(id).await?.filter(|(address, _)| !address.verified);
    Ok(found.map(|(address, user)| FoundKey { address, user, secret: None }))
}

/// A key of ours is valid while address and user are unchanged since it was mailed.
async fn of_ours(auth: &Auth, key: &str) -> Result<Option<FoundKey>, AuthError> {
    let digest = digest_of(&email_key::look_up(key));
    let kind = SecretKind::VerificationKey.as_str();
    let Some(secret) = auth.store().one_time(kind, &digest, auth.now()).await? else {
        return Ok(None);
    };
    let Some(to) = mailed_secret::sent_to(&secret) else { return Ok(None) };
    let Some(id) = to.address_id else { return Ok(None) };
    let found = auth.store().address_with_user(id).await?;
    let found = found.filter(|(address, user)| {
        secret.user_id == Some(user.id)
            && secret.epoch == user.epoch
            && user.is_active
            && address.email == to.email
            && !address.verified
    });
    Ok(found.map(|(address, user)| FoundKey { address, user, secret: Some(secret) }))
}

/// The record of the address that a key of allauth's is for.
async fn of_allauth(auth: &Auth, key: &str) -> Result<Option<i64>, AuthError> {
    let settings = &auth.settings().account;
    let now = auth.now();
    let days = i64::from(settings.email_confirmation_expire_days);
    if settings.email_confirmation_hmac {
        return Ok(email_key::read(auth.keys(), &settings.salt, key, days, now).ok());
    }
    let found = auth.store().confirmation_by_key(&email_key::look_up(key)).await?;
    Ok(found.and_then(|(row, address)| {
        let worth = email_key::classify(row.sent, address.verified, days, now);
        (worth == StoredKey::Confirms).then_some(address.id)
    }))
}
