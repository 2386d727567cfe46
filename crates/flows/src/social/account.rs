//! Finds the user of an account at a provider, or makes one.

use rest_auth_domain::message::Message;
use rest_auth_domain::password::EncodedPassword;
use rest_auth_social::{Identity, SocialProfile};
use rest_auth_store::{
    Address, NewSocialAccount, SocialAccount, StoreError, User, UserWithPassword,
};

use super::new_account::{self, Lack, Made};
use super::sign_up::{self, SignUp};
use super::tokens;
use crate::auth::Auth;
use crate::context::Context;
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::login::{Step, second_factor};
use crate::{email_verification, lookup, notices, outbox};

/// The user of an account: the one that it is connected to, else the one whose address it has if
/// the configuration says so, else a new one. What the user has to complete belongs to the front end
/// that began the login with `code_challenge`.
///
/// # Errors
/// [`AuthError::Invalid`] if something is missing for an account and cannot be settled, or if the
/// address has to be verified first.
pub(super) async fn of(
    auth: &Auth,
    context: &Context,
    identity: &Identity,
    code_challenge: &str,
) -> Result<Found, AuthError> {
    if let Some(user) = connected(auth, identity).await? {
        return Ok(Found::User(Box::new(user)));
    }
    if let Some(user) = by_address(auth, context, identity).await? {
        return Ok(Found::User(Box::new(user)));
    }
    match new_account::make(auth, context, identity).await? {
        Made::User(user) => Ok(Found::User(user)),
        Made::Unverified => Err(Step::VerifyEmail.into()),
        Made::Already | Made::TokenUsed => {
            Ok(Found::User(Box::new(of_other_request(auth, identity).await?)))
        }
        Made::Lacks(lack) => {
            // The address may be the one of the account that another request has just made of this.
            if lack == Lack::FreeEmail
                && let Some(user) = connected(auth, identity).await?
            {
                return Ok(Found::User(Box::new(user)));
            }
            if !auth.settings().social.signup_step {
                return Err(lack.refusal());
            }
            Ok(Found::SignUp(sign_up::begin(auth, identity, lack, code_challenge).await?))
        }
    }
}

/// Who an account belongs to.
pub(super) enum Found {
    /// This user.
    User(Box<UserWithPassword>),
    /// Nobody, until this is completed.
    SignUp(SignUp),
}

/// The user of an account that another request has just made.
pub(super) async fn of_other_request(
    auth: &Auth,
    identity: &Identity,
) -> Result<UserWithPassword, AuthError> {
    let user = connected(auth, identity).await?;
    user.ok_or_else(|| AuthError::form(Message::SocialInputIncorrect))
}

/// Connects an account to a user who is logged in.
///
/// # Errors
/// [`AuthError::Invalid`] if it is another user's.
pub(super) async fn connect(
    auth: &Auth,
    context: &Context,
    user: &User,
    identity: &Identity,
) -> Result<UserWithPassword, AuthError> {
    if let Some(owner) = connected(auth, identity).await? {
        return if owner.user.id == user.id { Ok(owner) } else { Err(taken()) };
    }
    add(auth, context, user, identity).await?;
    let user = auth.store().user_with_password(user.id).await?;
    user.ok_or_else(|| AuthError::refused(Message::NotAuthenticated))
}

fn taken() -> AuthError {
    AuthError::form(Message::SocialAccountTaken)
}

/// The user whom the account is connected to. What the provider says of the user now is kept.
pub(super) async fn connected(
    auth: &Auth,
    identity: &Identity,
) -> Result<Option<UserWithPassword>, AuthError> {
    let profile = &identity.profile;
    let mut found = auth.store().social_account(&profile.provider, &profile.uid).await?;
    if found.is_none() {
        found = formerly(auth, profile).await?;
    }
    let Some((account, user)) = found else { return Ok(None) };
    let told = account_of(identity);
    auth.store().refresh_social_account(account.id, &told, auth.now()).await?;
    tokens::keep(auth, &account, identity).await?;
    Ok(Some(user))
}

/// The account that an older release of allauth stored under the name of the same user.
async fn formerly(
    auth: &Auth,
    profile: &SocialProfile,
) -> Result<Option<(SocialAccount, UserWithPassword)>, AuthError> {
    let Some(former) = &profile.former_uid else { return Ok(None) };
    let found = auth.store().social_account(&profile.provider, &former.uid).await?;
    Ok(found.filter(|(account, _): &(SocialAccount, _)| {
        former.is_of(&profile.uid, &account.extra_data)
    }))
}

/// Connects an account, and tells the user.
async fn add(
    auth: &Auth,
    context: &Context,
    user: &User,
    identity: &Identity,
) -> Result<(), AuthError> {
    let name = provider_name(auth, identity);
    let mails = notices::social_account_connected(auth, context, user, &name);
    let store = auth.store();
    let account = account_of(identity);
    let is_told = !mails.is_empty();
    match store.connect_social_account(user, &account, &mails.into(), auth.now()).await {
        Ok(account) => {
            let (user, provider) = (user.id, account.provider.clone());
            events::record(auth, &context.client, Event::SocialAccountConnected { user, provider });
            if is_told {
                outbox::wake(auth);
            }
            tokens::keep(auth, &account, identity).await
        }
        Err(StoreError::Taken(_)) => match connected(auth, identity).await? {
            // Another request of the same user was faster.
            Some(owner) if owner.user.id == user.id => Ok(()),
            Some(_) | None => Err(taken()),
        },
        Err(error) => Err(error.into()),
    }
}

/// The row of an account.
pub(super) fn account_of(identity: &Identity) -> NewSocialAccount {
    let profile = &identity.profile;
    NewSocialAccount {
        provider: profile.provider.clone(),
        uid: profile.uid.clone(),
        extra_data: profile.extra_data.clone(),
    }
}

/// The name of the provider for users.
pub(super) fn provider_name(auth: &Auth, identity: &Identity) -> String {
    let id = &identity.profile.provider;
    auth.social().settings(id).map_or_else(|| id.clone(), |entry| entry.display_name().to_owned())
}

/// The user whose address the provider has verified, where `socialaccount.email_authentication` says
/// that this is proof enough.
///
/// Somebody may have registered the address of another person and wait for them to come by the
/// provider: an account whose owner has not verified the address is not theirs yet. By
/// `socialaccount.email_authentication_unverified` it is refused, or taken from whoever made it.
async fn by_address(
    auth: &Auth,
    context: &Context,
    identity: &Identity,
) -> Result<Option<UserWithPassword>, AuthError> {
    let Some(entry) = auth.social().settings(&identity.profile.provider) else { return Ok(None) };
    let settings = &auth.settings().social;
    if !entry.email_authentication.unwrap_or(settings.email_authentication) {
        return Ok(None);
    }
    for address in &identity.profile.emails {
        if !address.verified {
            continue;
        }
        let mut users = lookup::by_email(auth, &address.email).await?;
        let Some(found) = users.pop().filter(|_| users.is_empty()) else { continue };
        // Nothing is changed for somebody who may not log in.
        if !found.user.is_active {
            return Err(AuthError::form(Message::BadCredentials));
        }
        let Some(found) = proven(auth, context, found, &address.email).await? else {
            return Ok(None);
        };
        let connects = entry.email_authentication_auto_connect;
        let connects = connects.unwrap_or(settings.email_authentication_auto_connect);
        // The account is added once the user has shown their second factor, too: by themselves.
        if connects && !second_factor::of(auth, found.user.id).await?.is_on() {
            add(auth, context, &found.user, identity).await?;
        }
        return Ok(Some(found));
    }
    Ok(None)
}

/// The user, if the address is theirs. One that nobody has verified here is that of the account only
/// by `socialaccount.email_authentication_unverified`: then everything goes that whoever registered
/// it may have prepared.
async fn proven(
    auth: &Auth,
    context: &Context,
    found: UserWithPassword,
    email: &str,
) -> Result<Option<UserWithPassword>, AuthError> {
    let user = &found.user;
    let rows = auth.store().addresses_of(user.id).await?;
    let is_verified = |row: &Address| row.verified && row.email.to_lowercase() == email;
    if rows.iter().any(is_verified) {
        return Ok(Some(found));
    }
    let takes = auth.settings().social.email_authentication_unverified;
    // An address that the user added is no account of its owner.
    if !takes || user.email.to_lowercase() != email || rows.iter().any(|row| row.verified) {
        return Ok(None);
    }
    let none = EncodedPassword::unusable(auth.random());
    auth.store().reclaim_account(user.id, email, &none, auth.now()).await?;
    email_verification::verify_by_provider(auth, context, user, email).await?;
    // With the new epoch, under which the login issues credentials.
    Ok(auth.store().user_with_password(user.id).await?)
}
