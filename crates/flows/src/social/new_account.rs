//! A new account for somebody whom a provider knows.

use rest_auth_domain::message::Message;
use rest_auth_domain::password::EncodedPassword;
use rest_auth_social::{Identity, ProfileEmail};
use rest_auth_store::{
    CreatedUser, NewAddress, NewUser, Outgoing, SocialAccount, StoreError, Unique, UserWithPassword,
};

use super::account::{account_of, provider_name};
use super::{requires_email, tokens};
use crate::auth::Auth;
use crate::context::Context;
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::limits::{self, Action, LimitKey};
use crate::settings::AddressVerification;
use crate::settings::account::EmailVerification;
use crate::{email_verification, lookup, notices, outbox, registration, username};

/// How often another name is tried because the last one was taken meanwhile.
const MOST_NAMES: usize = 5;

/// What comes of somebody who has no account.
pub(super) enum Made {
    /// They have one now.
    User(Box<UserWithPassword>),
    /// Another request with the same identity was faster.
    Already,
    /// This has to be settled first.
    Lacks(Lack),
}

/// What an account lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lack {
    /// An address, which the provider does not give.
    Email,
    /// An address that is not somebody else's.
    FreeEmail,
    /// The user's word that they want one.
    Consent,
}

impl Lack {
    /// The answer where it cannot be settled.
    pub(super) fn refusal(self) -> AuthError {
        match self {
            Self::Email => AuthError::field("email", Message::Required),
            Self::FreeEmail => AuthError::form(Message::EmailTaken),
            Self::Consent => AuthError::form(Message::SocialSignupClosed),
        }
    }
}

/// Makes an account for somebody new.
///
/// # Errors
/// [`AuthError::Forbidden`] if nobody may register, [`AuthError::Throttled`].
pub(super) async fn make(
    auth: &Auth,
    context: &Context,
    identity: &Identity,
) -> Result<Made, AuthError> {
    permit(auth, context).await?;
    let lack = match address_lack(auth, identity).await? {
        None if !auth.settings().social.auto_signup => Some(Lack::Consent),
        lack => lack,
    };
    match lack {
        Some(lack) => Ok(Made::Lacks(lack)),
        None => write(auth, context, identity, None).await,
    }
}

/// Writes an account, with the name that the user chose or one that is made up.
///
/// # Errors
/// [`AuthError::Invalid`] if the name or the address was taken meanwhile.
pub(super) async fn write(
    auth: &Auth,
    context: &Context,
    identity: &Identity,
    username: Option<String>,
) -> Result<Made, AuthError> {
    for _ in 0..MOST_NAMES {
        let user = new_user(auth, identity, username.clone()).await?;
        let (created, account) = match attempt(auth, context, identity, &user).await {
            Ok(made) => made,
            Err(StoreError::Taken(Unique::Username)) if username.is_none() => continue,
            Err(StoreError::Taken(Unique::Username)) => {
                return Err(AuthError::field("username", Message::UsernameTaken));
            }
            Err(StoreError::Taken(Unique::VerifiedEmail)) => {
                return Err(Lack::FreeEmail.refusal());
            }
            Err(StoreError::Taken(Unique::SocialAccount)) => return Ok(Made::Already),
            Err(error) => return Err(error.into()),
        };
        outbox::wake(auth);
        let user = created.user.id;
        events::record(auth, &context.client, Event::Registration { user });
        let provider = account.provider.clone();
        events::record(auth, &context.client, Event::SocialAccountConnected { user, provider });
        tokens::keep(auth, &account, identity).await?;
        let CreatedUser { user, password, .. } = created;
        return Ok(Made::User(Box::new(UserWithPassword {
            user,
            password,
            has_factor: Some(false),
        })));
    }
    Err(AuthError::form(Message::UsernameTaken))
}

async fn attempt(
    auth: &Auth,
    context: &Context,
    identity: &Identity,
    user: &NewUser,
) -> Result<(CreatedUser, SocialAccount), StoreError> {
    let account = account_of(identity);
    let mails = |created: &CreatedUser| outgoing(auth, context, identity, created);
    auth.store().create_user_with_social_account(user, &account, mails).await
}

/// Whether anybody may register by a provider.
pub(super) async fn permit(auth: &Auth, context: &Context) -> Result<(), AuthError> {
    let may = registration::permit(auth.settings(), None).is_ok();
    if !may || registration::is_by_invitation(auth.settings()) {
        return Err(AuthError::Forbidden(Message::PermissionDenied));
    }
    limits::consume(auth, Action::Signup, &LimitKey::at(&context.client)).await
}

/// What is wrong with the address of a profile.
pub(super) async fn address_lack(
    auth: &Auth,
    identity: &Identity,
) -> Result<Option<Lack>, AuthError> {
    let email = &identity.profile.email;
    if email.is_empty() {
        // Without a name either nobody could say who it is.
        let is_nobody = identity.profile.username.is_empty();
        let refuses = auth.settings().social.refuse_without_email || is_nobody;
        return Ok((refuses && requires_email(auth)).then_some(Lack::Email));
    }
    let is_taken = auth.settings().account.unique_email && is_known(auth, email).await?;
    Ok(is_taken.then_some(Lack::FreeEmail))
}

/// Whether a user has the address, verified or not, as the primary one or another.
async fn is_known(auth: &Auth, email: &str) -> Result<bool, AuthError> {
    let found = lookup::everybody_of::<rest_auth_store::User>(auth, email).await?;
    Ok(!found.is_empty() || auth.store().verified_address_exists(email).await?)
}

async fn new_user(
    auth: &Auth,
    identity: &Identity,
    username: Option<String>,
) -> Result<NewUser, AuthError> {
    let profile = &identity.profile;
    let password = EncodedPassword::unusable(auth.random());
    let username = match username {
        Some(chosen) => chosen,
        None => name(auth, identity).await?,
    };
    Ok(NewUser {
        same_name: username::same_name(auth),
        email: profile.email.clone(),
        first_name: profile.first_name.clone(),
        last_name: profile.last_name.clone(),
        addresses: addresses(auth, identity).await?,
        ..NewUser::active(username, password, auth.now())
    })
}

/// The name at the provider if it can be had, else one that is made of what is known.
async fn name(auth: &Auth, identity: &Identity) -> Result<String, AuthError> {
    let profile = &identity.profile;
    let own = lookup::casing(auth).stored(&profile.username);
    if !own.is_empty() && username::problem(auth, &own, None).await?.is_none() {
        return Ok(own);
    }
    let texts = [&*profile.first_name, &*profile.last_name, &*profile.email, "user"];
    username::made_up(auth, &texts).await
}

/// The addresses of the profile that are nobody else's. The first one is that of the account.
async fn addresses(auth: &Auth, identity: &Identity) -> Result<Vec<NewAddress>, AuthError> {
    let mut addresses = Vec::new();
    for ProfileEmail { email, verified, .. } in &identity.profile.emails {
        let primary = *email == identity.profile.email;
        let is_free = primary
            || !auth.settings().account.unique_email
            || auth.store().address_rows(email).await?.is_empty();
        if is_free {
            // Two users can have an address, but only one can have verified it.
            let verified = *verified && !auth.store().verified_address_exists(email).await?;
            addresses.push(NewAddress { email: email.clone(), verified, primary });
        }
    }
    Ok(addresses)
}

/// The mail that asks to verify the address, if the provider has not, and the notice.
fn outgoing(
    auth: &Auth,
    context: &Context,
    identity: &Identity,
    created: &CreatedUser,
) -> Outgoing {
    let asks = auth.settings().account.email_verification != EmailVerification::None
        && auth.settings().social.email_verification != Some(AddressVerification::None);
    let primary = created.addresses.iter().find(|address| address.primary);
    if let Some(address) = primary.filter(|address| asks && !address.verified) {
        return email_verification::outgoing(auth, context, &created.user, address);
    }
    let name = provider_name(auth, identity);
    notices::social_account_connected(auth, context, &created.user, &name).into()
}
