//! The second step of a login where the account must have a second factor and has none: the user
//! adds a passkey, in place of an authenticator app.

use rest_auth_domain::message::Message;
use rest_auth_domain::opaque_token::digest_of;
use rest_auth_store::{Authenticator, SetUp, StoreError, User, UserWithPassword};
use serde::{Deserialize, Serialize};

use super::admission::complete;
use super::factor::Factor;
use super::proven::Proven;
use super::second_factor;
use super::second_step::{Resumed, count_attempt, ended};
use super::set_up::{SetUpLogin, may_set_up, terms, waiting};
use crate::auth::Auth;
use crate::challenges::{self, Purpose};
use crate::context::Context;
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::limits::{self, Action, LimitKey};
use crate::mfa::change::{self, PlannedFactorChange};
use crate::mfa::stored;
use crate::notices;
use crate::passkeys::enrolment::{self, CreationOptions, EnrolmentAnswer};
use crate::passkeys::relying_party;

/// What is kept of a passkey that is being added.
#[derive(Serialize, Deserialize)]
struct PasskeySetUpData {
    /// The digest of the token of the login that waits.
    login: String,
}

/// Begins to add a passkey to the user of a login that waits for a second factor to be set up.
///
/// # Errors
/// [`AuthError::Invalid`] of `ephemeral_token` if there is no such login, or if the settings name
/// no site; [`AuthError::NotFound`] where a passkey is no second factor; [`AuthError::Throttled`]
/// after too many.
pub async fn begin_set_up_passkey(
    auth: &Auth,
    context: &Context,
    token: &str,
) -> Result<CreationOptions, AuthError> {
    limits::consume(auth, Action::Passkey, &LimitKey::at(&context.client)).await?;
    let Resumed { challenge: _, owner } = waiting_for_passkey(auth, token).await?;
    // Before a challenge is issued that nobody could answer.
    relying_party::of(auth)?;
    let adding = PasskeySetUpData { login: digest_of(token) };
    let lifetime = auth.settings().passkeys.challenge_timeout;
    let purpose = Purpose::PasskeySetUp;
    let challenge = challenges::issue(auth, purpose, Some(&owner), &adding, lifetime).await?;
    enrolment::options(auth, &owner.user, challenge).await
}

/// Adds the passkey and completes the login. What was issued to the user before ends, as with every
/// change of factors.
///
/// # Errors
/// [`AuthError::Invalid`] of `ephemeral_token` if there is no such login, or it was tried too
/// often; otherwise as [`enrolment::complete`].
pub async fn complete_set_up_passkey(
    auth: &Auth,
    context: &Context,
    token: &str,
    answer: EnrolmentAnswer,
) -> Result<SetUpLogin, AuthError> {
    let Resumed { challenge: login, owner } = waiting_for_passkey(auth, token).await?;
    count_attempt(auth, &login).await?;
    let user = &owner.user;
    let response = enrolment::read(&answer.credential)?;
    let shown = response.client_data.challenge();
    let begun = challenges::find::<PasskeySetUpData>(auth, Purpose::PasskeySetUp, shown).await?;
    let own = begun.filter(|begun| {
        let is_users = begun.owner.as_ref().is_some_and(|owner| owner.user.id == user.id);
        is_users && !begun.is_over && begun.data.login == digest_of(token)
    });
    let expired = || AuthError::form(Message::PasskeyEnrolmentExpired);
    let begun = own.ok_or_else(expired)?;
    if !challenges::consume(auth, &begun).await? {
        return Err(expired());
    }
    let credential = enrolment::verified(auth, &response)?;
    let step = Factor::of_new_passkey(&credential, auth.now());
    let mut new = enrolment::new_passkey(auth, context, user, credential, answer);
    let (recovery_codes, data) = stored::new_recovery_codes(auth, user.id);
    new.recovery_codes = Some(data);
    let change =
        PlannedFactorChange::ending_all(auth, user, notices::passkey_added(auth, context, user));
    let may = |all: &[Authenticator]| may_set_up(auth, user, all);
    let terms = terms(auth, &login, &may);
    match auth.store().set_up_passkey(&new, terms, change.written()).await {
        Ok(SetUp::Done) => {}
        // Another login of the user was faster, and this one has to show what that set up.
        Ok(SetUp::Already | SetUp::Spent) => return Err(ended()),
        Err(StoreError::Taken(_)) => return Err(AuthError::form(Message::PasskeyTaken)),
        Err(error) => return Err(error.into()),
    }
    change.finish(auth);
    events::record(auth, &context.client, Event::PasskeyAdded { user: user.id });
    events::record(auth, &context.client, Event::RecoveryCodesGenerated { user: user.id });
    let user = User { epoch: change::epoch_after(auth, user), ..owner.user };
    let owner = UserWithPassword { user, ..owner };
    let proven = Proven::by_step(owner, login.data, step);
    Ok(SetUpLogin { outcome: complete(auth, context, proven).await?, recovery_codes })
}

/// The login that a token goes on with, if a passkey can be what it needs.
async fn waiting_for_passkey(auth: &Auth, token: &str) -> Result<Resumed, AuthError> {
    if !second_factor::passkeys_count(auth) {
        return Err(AuthError::NotFound);
    }
    waiting(auth, token).await
}
