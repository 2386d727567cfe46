//! The second step of a login where the account must have a second factor and has none: the user sets
//! up an authenticator app.

use rest_auth_store::{Authenticator, MaySetUp, SetUpTerms, User, UserWithPassword};

use super::admission::{Outcome, complete};
use super::factor::{Factor, Method};
use super::proven::Proven;
use super::second_factor;
use super::second_step::{Resumed, count_attempt, ended, resume};
use super::waiting::{Needs, WaitingLogin};
use crate::auth::Auth;
use crate::challenges::Challenge;
use crate::context::Context;
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::mfa::activation::{self, TotpSetup};
use crate::mfa::change::{self, PlannedFactorChange};
use crate::mfa::stored;
use crate::notices;

/// A login that was completed by setting a second factor up. It has no `Debug`, because it holds
/// secrets.
pub struct SetUpLogin {
    /// The login.
    pub outcome: Outcome,
    /// The recovery codes, which are shown once.
    pub recovery_codes: Vec<String>,
}

/// Shows a new secret to the user of a login that waits for a second factor to be set up.
///
/// # Errors
/// [`AuthError::Invalid`] of `ephemeral_token` if there is no such login.
pub async fn begin_set_up(auth: &Auth, token: &str) -> Result<TotpSetup, AuthError> {
    let waiting = waiting(auth, token).await?;
    Ok(activation::begin(auth, &waiting.owner.user))
}

/// Sets the app up and completes the login. What was issued to the user before ends, as with every
/// change of factors.
///
/// # Errors
/// [`AuthError::Invalid`] of `ephemeral_token`, `activation_token` or `code`;
/// [`AuthError::Throttled`] after too many codes.
pub async fn complete_set_up(
    auth: &Auth,
    context: &Context,
    token: &str,
    activation_token: &str,
    code: &str,
) -> Result<SetUpLogin, AuthError> {
    let Resumed { challenge, owner } = waiting(auth, token).await?;
    count_attempt(auth, &challenge).await?;
    let user = &owner.user;
    let app = activation::confirmed(auth, context, user, activation_token, code).await?;
    let (recovery_codes, data) = stored::new_recovery_codes(auth, user.id);
    let mails = notices::totp_activated(auth, context, user);
    let change = PlannedFactorChange::ending_all(auth, user, mails);
    let may = |all: &[Authenticator]| may_set_up(auth, user, all);
    let terms = terms(auth, &challenge, &may);
    if !activation::set_up(auth, &app, &data, terms, &change).await? {
        // Another login of the user was faster, and this one has to show what that set up.
        return Err(ended());
    }
    change.finish(auth);
    events::record(auth, &context.client, Event::TotpActivated { user: user.id });
    let user = User { epoch: change::epoch_after(auth, user), ..owner.user };
    let owner = UserWithPassword { user, ..owner };
    let step = Factor::new(Method::Totp, auth.now());
    let proven = Proven::by_step(owner, challenge.data, step);
    Ok(SetUpLogin { outcome: complete(auth, context, proven).await?, recovery_codes })
}

/// The login that a token goes on with, if it waits for a second factor to be set up.
///
/// # Errors
/// As [`begin_set_up`].
pub(super) async fn waiting(auth: &Auth, token: &str) -> Result<Resumed, AuthError> {
    let waiting = resume(auth, token).await?.ok_or_else(ended)?;
    if waiting.challenge.is_over || waiting.challenge.data.needs != Needs::SetUp {
        return Err(ended());
    }
    // A factor that the user has set up elsewhere meanwhile is asked for.
    if second_factor::of(auth, waiting.owner.user.id).await?.has_any() {
        return Err(ended());
    }
    Ok(waiting)
}

/// The terms on which a login sets a factor up: it waits for one still, and `may` allows it, which is
/// [`may_set_up`].
pub(super) fn terms<'t>(
    auth: &Auth,
    login: &Challenge<WaitingLogin>,
    may: MaySetUp<'t>,
) -> SetUpTerms<'t> {
    let login = Some(login.single_use(auth));
    SetUpTerms { login, tables: second_factor::tables(auth), may }
}

/// Whether a user who has these factors may set one up in a login.
pub(super) fn may_set_up(auth: &Auth, user: &User, all: &[Authenticator]) -> bool {
    !second_factor::those_that_count(auth, user.id, all.to_vec()).has_any()
}
