//! Login by an account at another service, and the accounts that a user has connected.
//!
//! [`login()`] and [`connect`] take what an app or a page got from a provider. `account` finds or makes
//! the user, [`tokens`] keeps what the provider issued, [`connections`] lists and ends what is
//! connected. [`browser`] is a login that the browser makes at the provider; [`hand_over`] is its end,
//! or [`connecting`] where it connects an account. [`apple`] is what Apple tells later. [`sign_up`] is
//! an account that the user has yet to complete, [`setup`] what an administrator has to know.

mod account;
pub mod apple;
pub mod browser;
pub mod connecting;
pub mod connections;
pub mod hand_over;
mod kept;
mod new_account;
mod redirects;
pub mod setup;
pub mod sign_up;
pub mod tokens;

use chrono::DateTime;
use rest_auth_domain::message::Message;
use rest_auth_domain::opaque_token::digest_of;
use rest_auth_social::{Identity, Once, Presented, SocialError};
use rest_auth_store::{NewOneTime, StoreError, User};

use self::account::Found;
use self::sign_up::SignUp;
use crate::auth::Auth;
use crate::context::Context;
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::limits::{self, Action, LimitKey};
use crate::login::{self, LoggedIn, Outcome, Proven};
use crate::reauthentication;
use crate::settings::Demand;

pub use rest_auth_social::Presented as ProviderProof;

/// Under which kind an ID token that has been used is remembered.
const USED_ID_TOKEN: &str = "used_id_token";

/// Logs in whoever a provider says that it is. Somebody who is new gets an account.
///
/// # Errors
/// [`AuthError::Invalid`] if nothing usable was sent, the provider refuses it, or no account can be
/// made; [`AuthError::Provider`] if the provider does not answer; [`AuthError::Throttled`].
pub async fn login(
    auth: &Auth,
    context: &Context,
    provider: &str,
    proof: Presented,
) -> Result<SocialOutcome, AuthError> {
    limits::consume(auth, Action::Login, &LimitKey::at(&context.client)).await?;
    let identity = identify(auth, context, provider, proof).await?;
    match account::of(auth, context, &identity, "").await? {
        Found::User(user) => {
            let proven = Proven::by_provider(*user, &identity, auth.now());
            Ok(SocialOutcome::Login(login::complete(auth, context, proven).await?))
        }
        Found::SignUp(waiting) => Ok(SocialOutcome::SignUp(waiting)),
    }
}

/// The result of a login by a provider.
#[derive(Debug)]
pub enum SocialOutcome {
    /// That of a login.
    Login(Outcome),
    /// There is no account yet, and the user has to complete it first.
    SignUp(SignUp),
}

/// Connects an account at a provider to a user who is logged in. The answer is that of a login, if one
/// would be complete: a user with a second factor has shown it, and is not asked for it again.
///
/// # Errors
/// As [`login()`]; [`AuthError::Invalid`] if the account is another user's.
pub async fn connect(
    auth: &Auth,
    context: &Context,
    user: &User,
    provider: &str,
    proof: Presented,
) -> Result<Connected, AuthError> {
    limits::consume(auth, Action::Login, &LimitKey::at(&context.client)).await?;
    reauthentication::require(auth, context, user).await?;
    let identity = identify(auth, context, provider, proof).await?;
    let user = account::connect(auth, context, user, &identity).await?;
    let proven = Proven::by_provider(user, &identity, auth.now());
    let done = login::complete_at_once(auth, context, proven).await?;
    Ok(done.map_or(Connected::AsBefore, Connected::LoggedIn))
}

/// The result of a connection.
#[derive(Debug)]
pub enum Connected {
    /// The user has new credentials, beside those of the request.
    LoggedIn(Box<LoggedIn>),
    /// The user goes on with the credentials of the request.
    AsBefore,
}

/// Asks a provider who sent this.
async fn identify(
    auth: &Auth,
    context: &Context,
    provider: &str,
    mut proof: Presented,
) -> Result<Identity, AuthError> {
    let settings = auth.social().settings(provider).ok_or(AuthError::NotFound)?;
    if proof.redirect_uri.is_empty() {
        proof.redirect_uri = match &settings.callback_url {
            Some(url) => url.clone(),
            None => context.links.callback(auth.settings(), provider),
        };
    } else if settings.callback_url.as_ref() != Some(&proof.redirect_uri)
        && !settings.callback_urls.contains(&proof.redirect_uri)
    {
        return Err(refusal(SocialError::CallbackUrl));
    }
    with_identity(auth, context, provider, &proof).await
}

/// Asks a provider who sent this, which was bound to where it came from.
async fn with_identity(
    auth: &Auth,
    context: &Context,
    provider: &str,
    proof: &Presented,
) -> Result<Identity, AuthError> {
    let with_emails = asks_for_email(auth);
    let identified = auth.social().identify(provider, proof, with_emails, auth.now()).await;
    let identity = identified.map_err(|error| {
        let (provider, reason) = (provider.to_owned(), error.to_string());
        events::record(auth, &context.client, Event::SocialLoginFailed { provider, reason });
        refusal(error)
    })?;
    if let Some(once) = &identity.once {
        use_up(auth, once).await?;
    }
    Ok(identity)
}

/// Whether an account needs an address: `socialaccount.email_required`, else as at a registration.
fn requires_email(auth: &Auth) -> bool {
    let settings = auth.settings();
    let asked = settings.account.signup_fields.demand("email") == Demand::Required;
    settings.social.email_required.unwrap_or(asked)
}

/// Whether the provider is asked for the addresses of the user.
fn asks_for_email(auth: &Auth) -> bool {
    auth.settings().social.query_email.unwrap_or_else(|| requires_email(auth))
}

/// Remembers an ID token, so that whoever sees it later cannot log in with it.
///
/// # Errors
/// [`AuthError::Invalid`] if it has been used.
async fn use_up(auth: &Auth, once: &Once) -> Result<(), AuthError> {
    if !once.has_id && !auth.settings().social.id_tokens_work_once {
        return Ok(());
    }
    match auth.store().insert_one_time(&used(auth, USED_ID_TOKEN, once)).await {
        Ok(_) => Ok(()),
        Err(StoreError::Taken(_)) => Err(AuthError::form(Message::SocialInputIncorrect)),
        Err(error) => Err(error.into()),
    }
}

/// What is kept of a token that has been used, until it ends.
fn used(auth: &Auth, kind: &str, once: &Once) -> NewOneTime {
    let leeway = auth.settings().social.id_token_leeway;
    let ends = DateTime::from_timestamp(once.ends, 0).unwrap_or_default() + leeway;
    NewOneTime {
        kind: kind.to_owned(),
        digest: digest_of(&format!("{kind}\n{}", once.digest)),
        user_id: None,
        epoch: 0,
        data: String::new(),
        created_at: auth.now(),
        expires_at: ends,
    }
}

/// The answer to a login that a provider does not vouch for.
fn refusal(error: SocialError) -> AuthError {
    match error {
        SocialError::NothingSent => AuthError::form(Message::SocialInputMissing),
        SocialError::CallbackUrl => AuthError::field("callback_url", Message::UnknownCallbackUrl),
        SocialError::IdTokenAsAccessToken => {
            AuthError::field("access_token", Message::IdTokenAsAccessToken)
        }
        SocialError::NoIdTokens => AuthError::field("id_token", Message::NoIdTokens),
        SocialError::AudienceUnknown => {
            AuthError::field("access_token", Message::AccessTokenNotAccepted)
        }
        SocialError::NoAccess(host) => AuthError::form(Message::NoPrivateAccess { host }),
        SocialError::Exchange(_) => AuthError::form(Message::CodeExchangeFailed),
        SocialError::IdToken(_)
        | SocialError::ForeignAudience
        | SocialError::DifferentUsers
        | SocialError::Refused(_)
        | SocialError::Profile(_) => AuthError::form(Message::SocialInputIncorrect),
        SocialError::Document(_) | SocialError::Unavailable(_) => AuthError::Provider(error.into()),
    }
}
