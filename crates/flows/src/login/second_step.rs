//! The second step of a login: a code of the user's second factor.

use rest_auth_domain::message::Message;
use rest_auth_store::{FactorUsed, User, UserWithPassword};

use super::admission::{Browser, Outcome, complete_in};
use super::factor::{Factor, Method};
use super::guesses;
use super::mailed_code;
use super::pending;
use super::proven::Proven;
use super::second_factor;
use super::waiting::{Needs, WaitingLogin};
use crate::auth::Auth;
use crate::challenges::{self, Challenge};
use crate::context::Context;
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::limits::{self, Action, LimitKey};
use crate::mfa::wrong_codes;
use crate::{notices, outbox};

/// A waiting login whose user may go on with it.
pub(super) struct Resumed {
    pub(super) challenge: Challenge<WaitingLogin>,
    pub(super) owner: UserWithPassword,
}

/// Goes on with a login by a code of the authenticator app, a recovery code or a mailed code.
///
/// # Errors
/// [`AuthError::Invalid`] of `ephemeral_token` if the login has ended, was completed, or was tried
/// with too many codes; of `code` if it is wrong; [`AuthError::Throttled`] after too many codes for
/// one user.
pub(super) async fn with_code(
    auth: &Auth,
    context: &Context,
    token: &str,
    code: &str,
    browser: Browser,
) -> Result<Outcome, AuthError> {
    let told = |reason| {
        let event = Event::SecondFactorRefused { user: None, reason };
        events::record(auth, &context.client, event);
    };
    let resumed = resume(auth, token).await.inspect_err(|error| {
        if matches!(error, AuthError::Invalid(_)) {
            told("the account is disabled");
        }
    })?;
    let Some(resumed) = resumed else {
        told("the login has ended");
        return Err(ended());
    };
    if resumed.challenge.data.needs == Needs::MailedCode {
        return mailed_code::complete(auth, context, resumed, code).await;
    }
    let Resumed { challenge, owner } = resumed;
    if challenge.data.needs != Needs::SecondFactor {
        told("the login waits for a factor to be set up");
        return Err(ended());
    }
    let user = &owner.user;
    let factors = second_factor::of(auth, user.id).await?;
    if !factors.is_on() {
        // As in dj-rest-auth, but not for ever.
        count_attempt(auth, &challenge).await?;
        return Err(AuthError::field("code", Message::InvalidCode));
    }
    if challenge.is_over {
        return Err(ended());
    }
    let key = LimitKey::at(&context.client).user(user.id);
    limits::consume(auth, Action::Mfa, &key).await?;
    count_attempt(auth, &challenge).await?;
    let Some(fitting) = factors.fitting(auth, code) else {
        return Err(refused(auth, context, user).await?);
    };
    let method = fitting.method;
    let mut usage = fitting.usage(auth, user.id, code, Some(challenge.single_use(auth)));
    if method == Method::RecoveryCode {
        let left = factors.remaining(auth).saturating_sub(1);
        usage.mails = notices::recovery_code_used(auth, context, user, left);
    }
    match auth.store().use_factor(&usage).await? {
        FactorUsed::Done => {}
        FactorUsed::Spent => return Err(ended()),
        FactorUsed::Refused => return Err(refused(auth, context, user).await?),
    }
    limits::reset(auth, Action::Mfa, &key).await?;
    guesses::reset(auth, &context.client, user).await?;
    if method == Method::RecoveryCode {
        outbox::wake(auth);
        events::record(auth, &context.client, Event::RecoveryCodeUsed { user: user.id });
    }
    drop(usage);
    let step = Factor::new(method, auth.now());
    complete_in(auth, context, Proven::by_step(owner, challenge.data, step), browser).await
}

/// The login that a token goes on with, with its user.
///
/// # Errors
/// [`AuthError::Invalid`] of `detail` if the account was disabled meanwhile.
pub(super) async fn resume(auth: &Auth, token: &str) -> Result<Option<Resumed>, AuthError> {
    let Some(mut challenge) = pending::find(auth, token).await? else { return Ok(None) };
    let Some(owner) = challenge.owner.take() else { return Ok(None) };
    if !owner.user.is_active {
        return Err(AuthError::field("detail", Message::AccountDisabled));
    }
    Ok(Some(Resumed { challenge, owner }))
}

/// Counts an attempt to go on with a login, before what was shown is looked at.
///
/// # Errors
/// [`AuthError::Invalid`] of `ephemeral_token` if it was tried as often as it may be.
pub(super) async fn count_attempt(
    auth: &Auth,
    login: &Challenge<WaitingLogin>,
) -> Result<(), AuthError> {
    let most = auth.settings().mfa.max_attempts;
    if challenges::count_attempt(auth, login, most).await? { Ok(()) } else { Err(ended()) }
}

/// The login cannot be gone on with.
pub(super) fn ended() -> AuthError {
    AuthError::field("ephemeral_token", Message::EphemeralTokenInvalid)
}

/// A code was wrong.
async fn refused(auth: &Auth, context: &Context, user: &User) -> Result<AuthError, AuthError> {
    wrong_codes::note(auth, context, user, Event::SecondFactorFailed { user: user.id }).await
}
