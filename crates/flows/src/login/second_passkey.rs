//! The second step of a login: a passkey of the user, in place of a code.
//!
//! Its failures count by themselves: they end neither the login nor the tries of its codes.

use rest_auth_domain::message::Message;
use rest_auth_domain::opaque_token::digest_of;
use rest_auth_domain::webauthn::UserVerification;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::admission::{Browser, Outcome, complete_in};
use super::factor::{Factor, Method};
use super::guesses;
use super::passkey::{self, Asked, RequestOptions};
use super::proven::Proven;
use super::second_step::{Resumed, ended, resume};
use super::waiting::Needs;
use crate::auth::Auth;
use crate::challenges::{self, Purpose};
use crate::context::Context;
use crate::error::AuthError;
use crate::limits::{self, Action, LimitKey};
use crate::passkeys::relying_party;

/// After another factor the device alone is enough: a security key need not have a PIN.
const USER_VERIFICATION: UserVerification = UserVerification::Preferred;

/// What is kept of a step that has begun.
#[derive(Serialize, Deserialize)]
struct Begins {
    /// The digest of the token of the login that waits.
    login: String,
}

/// Begins the step of a login that waits for a second factor.
///
/// # Errors
/// [`AuthError::Invalid`] of `ephemeral_token` if the login has ended; [`AuthError::Throttled`] after
/// too many.
pub async fn begin_with_passkey(
    auth: &Auth,
    context: &Context,
    token: &str,
) -> Result<RequestOptions, AuthError> {
    limits::consume(auth, Action::Passkey, &LimitKey::at(&context.client)).await?;
    let Resumed { challenge: _, owner } = waiting(auth, token).await?;
    let party = relying_party::of(auth)?;
    let allow = auth.store().passkeys_of(owner.user.id).await?;
    let begins = Begins { login: digest_of(token) };
    let lifetime = auth.settings().passkeys.challenge_timeout;
    let challenge =
        challenges::issue(auth, Purpose::PasskeyStep, Some(&owner), &begins, lifetime).await?;
    let user_verification = USER_VERIFICATION;
    Ok(RequestOptions { rp_id: party.id, challenge, allow, user_verification, session_id: None })
}

/// Goes on with a login by a passkey of its user.
///
/// # Errors
/// [`AuthError::Invalid`] of `ephemeral_token` if the login has ended or was completed; otherwise as
/// [`with_passkey`](passkey::with_passkey).
pub(super) async fn with_second_passkey(
    auth: &Auth,
    context: &Context,
    token: &str,
    credential: &Value,
    browser: Browser,
) -> Result<Outcome, AuthError> {
    let Resumed { challenge: login, owner } = waiting(auth, token).await?;
    let user = &owner.user;
    let response = passkey::read(credential)?;
    let answered = response.client_data.challenge();
    let begun = challenges::find::<Begins>(auth, Purpose::PasskeyStep, answered).await?;
    let own = begun.filter(|begun| {
        let is_users = begun.owner.as_ref().is_some_and(|owner| owner.user.id == user.id);
        is_users && !begun.is_over && begun.data.login == digest_of(token)
    });
    let expired = || AuthError::form(Message::PasskeyLoginExpired);
    let begun = own.ok_or_else(expired)?;
    if !challenges::consume(auth, &begun).await? {
        return Err(expired());
    }
    let passkey = auth.store().passkey(&response.id, &[user.id]).await?;
    let passkey = passkey.filter(|passkey| passkey.user_id == user.id);
    let passkey = passkey.ok_or_else(|| AuthError::form(Message::PasskeyNotFound))?;
    let user_verification = USER_VERIFICATION;
    let asked = Asked { owner: user, challenge: answered, user_verification };
    let assertion = passkey::answered(auth, context, &passkey, &response, asked).await?;
    if !challenges::consume(auth, &login).await? {
        return Err(ended());
    }
    guesses::reset(auth, &context.client, user).await?;
    let step = Factor::of_passkey(Method::Passkey, assertion, auth.now());
    complete_in(auth, context, Proven::by_step(owner, login.data, step), browser).await
}

/// The login that a token goes on with, if it waits for a second factor.
async fn waiting(auth: &Auth, token: &str) -> Result<Resumed, AuthError> {
    let waiting = resume(auth, token).await?.ok_or_else(ended)?;
    let login = &waiting.challenge.data;
    // The same key a second time proves nothing more.
    let is_second = login.factors.iter().all(|factor| factor.method != Method::SecurityKey);
    if waiting.challenge.is_over || login.needs != Needs::SecondFactor || !is_second {
        return Err(ended());
    }
    Ok(waiting)
}
