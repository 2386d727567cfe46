//! A new account for somebody whom a provider knows.

use rest_auth_domain::message::Message;
use rest_auth_domain::password::EncodedPassword;
use rest_auth_social::{Identity, ProfileEmail};
use rest_auth_store::{
    CreatedUser, NewAddress, NewUser, Outgoing, SingleUse, SocialAccount, StoreError, Unique,
    UserWithPassword,
};

use super::account::{account_of, provider_name};
use super::{requires_email, tokens};
use crate::auth::Auth;
use crate::context::Context;
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::limits::{self, Action, LimitKey, mail_allowance};
use crate::login::checks;
use crate::registration::Mode;
use crate::settings::AddressVerification;
use crate::settings::account::EmailVerification;
use crate::username::{self, Wanting};
use crate::{email_verification, lookup, notices, outbox, registration};

/// How often another name is tried because the last one was taken meanwhile.
const MOST_NAMES: usize = 5;

/// What comes of somebody who has no account.
pub(super) enum Made {
    /// They have one now.
    User(Box<UserWithPassword>),
    /// A mail asks them to verify the address, or tells its owner that it is taken. Nobody else learns
    /// which of both.
    Unverified,
    /// Another request with the same identity was faster.
    Already,
    /// The token of the sign-up was used up before.
    TokenUsed,
    /// This has to be settled first.
    Lacks(Lack),
}

/// Whether an account can be made with an address.
pub(super) enum AddressCheck {
    /// It can, or the client must not learn that it cannot.
    Fits(Mode),
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
    match check_address(auth, identity).await? {
        AddressCheck::Lacks(lack) => Ok(Made::Lacks(lack)),
        AddressCheck::Fits(_) if !auth.settings().social.auto_signup => {
            Ok(Made::Lacks(Lack::Consent))
        }
        AddressCheck::Fits(mode) => {
            let wanted = Wanted { username: None, mode, token: None };
            write(auth, context, identity, wanted).await
        }
    }
}

/// What is known of an account before it is written.
pub(super) struct Wanted {
    /// The name that the user chose; none: one is made up.
    pub(super) username: Option<String>,
    /// Whether the account is kept.
    pub(super) mode: Mode,
    /// The token of a sign-up, which the account uses up.
    pub(super) token: Option<SingleUse>,
}

/// Writes an account, with the name that the user chose or one that is made up.
///
/// A decoy does the same for an address that is somebody else's, rolls the account back, and mails the
/// owner of the address that somebody tried to register with it, as a registration does.
///
/// # Errors
/// [`AuthError::Invalid`] if the name was taken meanwhile.
pub(super) async fn write(
    auth: &Auth,
    context: &Context,
    identity: &Identity,
    wanted: Wanted,
) -> Result<Made, AuthError> {
    let Wanted { username, mut mode, token } = wanted;
    let email = &identity.profile.email;
    // Whoever has a mailbox that nobody vouches for gets so many mails and no more.
    let is_limited = !email.is_empty() && !is_vouched_for(identity);
    let mails = !is_limited || mail_allowance::peek(auth, context, email).await?;
    for _ in 0..MOST_NAMES {
        let user = new_user(auth, identity, username.clone()).await?;
        let writing = Writing { mode, mails, token };
        let tried = attempt(auth, context, identity, &user, writing).await;
        let tried = match tried {
            Ok(tried) => tried,
            Err(StoreError::Taken(Unique::Username)) if username.is_none() => continue,
            Err(StoreError::Taken(Unique::Username)) => {
                return Err(AuthError::field("username", Message::UsernameTaken));
            }
            // Somebody has verified one of the addresses since they were looked up.
            Err(StoreError::Taken(Unique::VerifiedEmail)) => {
                match check_address(auth, identity).await? {
                    AddressCheck::Fits(fitting) => mode = fitting,
                    AddressCheck::Lacks(lack) => return Ok(Made::Lacks(lack)),
                }
                continue;
            }
            Err(StoreError::Taken(Unique::SocialAccount)) => return Ok(Made::Already),
            Err(error) => return Err(error.into()),
        };
        outbox::wake(auth);
        if is_limited && mails {
            mail_allowance::consume(auth, context, email).await?;
        }
        return match tried {
            Attempt::Made(written) => report(auth, context, identity, *written).await,
            Attempt::RolledBack => Ok(Made::Unverified),
            Attempt::TokenUsed => Ok(Made::TokenUsed),
        };
    }
    Err(AuthError::form(Message::UsernameTaken))
}

/// How an account is written.
#[derive(Clone, Copy)]
struct Writing {
    mode: Mode,
    /// Whether there are mails about it.
    mails: bool,
    token: Option<SingleUse>,
}

/// An account that was written.
struct Written {
    created: CreatedUser,
    account: SocialAccount,
}

/// What came of one attempt to write an account.
enum Attempt {
    Made(Box<Written>),
    /// It was a decoy.
    RolledBack,
    TokenUsed,
}

/// Writes an account once.
async fn attempt(
    auth: &Auth,
    context: &Context,
    identity: &Identity,
    user: &NewUser,
    Writing { mode, mails, token }: Writing,
) -> Result<Attempt, StoreError> {
    let (store, account) = (auth.store(), account_of(identity));
    match mode {
        Mode::Real => {
            let mails = |created: &CreatedUser| {
                if mails { outgoing(auth, context, identity, created) } else { Outgoing::default() }
            };
            let made = store.create_user_with_social_account(user, &account, token, mails).await?;
            Ok(made.map_or(Attempt::TokenUsed, |(created, account)| {
                Attempt::Made(Box::new(Written { created, account }))
            }))
        }
        Mode::Decoy => {
            let notice = if mails { notice(auth, context, identity) } else { Outgoing::default() };
            let fits =
                store.roll_back_user_with_social_account(user, &account, token, &notice).await?;
            Ok(if fits { Attempt::RolledBack } else { Attempt::TokenUsed })
        }
    }
}

/// Reports an account that was written, and keeps what the provider issued for it.
async fn report(
    auth: &Auth,
    context: &Context,
    identity: &Identity,
    written: Written,
) -> Result<Made, AuthError> {
    let Written { created: CreatedUser { user, password, .. }, account } = written;
    events::record(auth, &context.client, Event::Registration { user: user.id });
    let connected =
        Event::SocialAccountConnected { user: user.id, provider: account.provider.clone() };
    events::record(auth, &context.client, connected);
    tokens::keep(auth, &account, identity).await?;
    if is_secret(auth, identity) {
        return Ok(Made::Unverified);
    }
    let (has_factor, is_guessed) = (Some(false), false);
    Ok(Made::User(Box::new(UserWithPassword { user, password, has_factor, is_guessed })))
}

/// Whether anybody may register by a provider.
pub(super) async fn permit(auth: &Auth, context: &Context) -> Result<(), AuthError> {
    let may = registration::permit(auth.settings(), None).is_ok();
    if !may || registration::is_by_invitation(auth.settings()) {
        return Err(AuthError::Forbidden(Message::PermissionDenied));
    }
    limits::consume(auth, Action::Signup, &LimitKey::at(&context.client)).await
}

/// Whether an account can be made with the address of a profile.
pub(super) async fn check_address(
    auth: &Auth,
    identity: &Identity,
) -> Result<AddressCheck, AuthError> {
    let email = &identity.profile.email;
    if email.is_empty() {
        // Without a name either nobody could say who it is.
        let is_nobody = identity.profile.username.is_empty();
        let refuses = auth.settings().social.refuse_without_email || is_nobody;
        return Ok(if refuses && requires_email(auth) {
            AddressCheck::Lacks(Lack::Email)
        } else {
            AddressCheck::Fits(Mode::Real)
        });
    }
    let is_taken = auth.settings().account.unique_email && is_known(auth, email).await?;
    Ok(match (is_taken, is_secret(auth, identity)) {
        (false, _) => AddressCheck::Fits(Mode::Real),
        (true, true) => AddressCheck::Fits(Mode::Decoy),
        (true, false) => AddressCheck::Lacks(Lack::FreeEmail),
    })
}

/// Whether the client must not learn that somebody has the address of a profile: a mail to it is the
/// next step then, whoever has it. Whoever the provider says has the address may know.
fn is_secret(auth: &Auth, identity: &Identity) -> bool {
    auth.settings().hide_who_is_registered()
        && checks::asks_for_verified_email(auth)
        && !identity.profile.email.is_empty()
        && !is_vouched_for(identity)
}

/// Whether the provider has verified the address of a profile.
fn is_vouched_for(identity: &Identity) -> bool {
    let profile = &identity.profile;
    profile.emails.iter().any(|known| known.verified && known.email == profile.email)
}

/// Whether a user has the address, verified or not, as the primary one or another.
async fn is_known(auth: &Auth, email: &str) -> Result<bool, AuthError> {
    let found = lookup::everybody_of::<rest_auth_store::User>(auth, email).await?;
    // Asked in either case, so that the time is the same.
    Ok(auth.store().verified_address_exists(email).await? || !found.is_empty())
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
    let wanting = Wanting::Newcomer(&profile.email);
    if !own.is_empty() && username::problem(auth, &own, wanting).await?.is_none() {
        return Ok(own);
    }
    let texts = [&*profile.first_name, &*profile.last_name, &*profile.email, "user"];
    username::made_up(auth, &texts).await
}

/// The addresses of the profile that are nobody else's. The first one is that of the account.
async fn addresses(auth: &Auth, identity: &Identity) -> Result<Vec<NewAddress>, AuthError> {
    let mut addresses = Vec::new();
    let is_unique = auth.settings().account.unique_email;
    for ProfileEmail { email, verified, .. } in &identity.profile.emails {
        let primary = *email == identity.profile.email;
        let is_free = primary || !is_unique || auth.store().address_rows(email).await?.is_empty();
        if is_free {
            // Two users can have an address, but only one can have verified it. Where one user alone
            // may have it, that of the account was free a moment ago: if it is not, the write fails,
            // and no account is made that its owner could never verify.
            let is_own = primary && is_unique;
            let verified =
                *verified && (is_own || !auth.store().verified_address_exists(email).await?);
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
    let primary = created.addresses.iter().find(|address| address.primary);
    if let Some(address) = primary.filter(|address| asks(auth) && !address.verified) {
        return email_verification::outgoing(auth, context, &created.user, address);
    }
    let name = provider_name(auth, identity);
    notices::social_account_connected(auth, context, &created.user, &name).into()
}

/// The mail to the owner of an address with which somebody else tried to register, and a key or code
/// where a new account gets one.
fn notice(auth: &Auth, context: &Context, identity: &Identity) -> Outgoing {
    let notice = registration::notice(auth, context, &identity.profile.email);
    if asks(auth) { notice } else { notice.mails.into() }
}

/// Whether a new user is asked to verify an address.
fn asks(auth: &Auth) -> bool {
    auth.settings().account.email_verification != EmailVerification::None
        && auth.settings().social.email_verification != Some(AddressVerification::None)
}
