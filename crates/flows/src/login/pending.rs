//! Logins that stopped at a step. What waits for the user is kept as a challenge; its token alone
//! goes on with it, whatever surface shows it.

use rest_auth_store::User;

use super::checks::{OpenStep, Step};
use super::factor::{Factor, Method};
use super::mailed_code;
use super::proven::Proven;
use super::waiting::{Needs, WaitingLogin};
use crate::auth::Auth;
use crate::challenges::{self, Challenge, Purpose};
use crate::context::Context;
use crate::error::AuthError;
use crate::events::{self, Event};

/// A login that stopped at a step. No credentials were issued.
#[derive(Debug)]
pub struct Pending {
    step: Step,
    user: User,
    factors: Vec<Factor>,
    methods: Vec<Method>,
    token: Option<PendingToken>,
}

/// What goes on with the login, once. It has no `Debug`, because it is a secret.
struct PendingToken(String);

impl std::fmt::Debug for PendingToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PendingToken(..)")
    }
}

impl Pending {
    /// The step to complete.
    #[must_use]
    pub fn step(&self) -> Step {
        self.step
    }

    /// The user.
    #[must_use]
    pub fn user(&self) -> &User {
        &self.user
    }

    /// What was proven so far, in order.
    #[must_use]
    pub fn factors(&self) -> &[Factor] {
        &self.factors
    }

    /// What completes the step: second factors that the user has, or those that can be set up.
    #[must_use]
    pub fn methods(&self) -> &[Method] {
        &self.methods
    }

    /// The token that goes on with the login; none if the login has to begin again after the step.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.token.as_ref().map(|token| token.0.as_str())
    }
}

/// Keeps a login at a step.
///
/// # Errors
/// [`AuthError::Throttled`] if it needs a code and too many were mailed; errors of the database.
pub(super) async fn keep(
    auth: &Auth,
    context: &Context,
    proven: Proven,
    open: OpenStep,
) -> Result<Pending, AuthError> {
    let OpenStep { step, methods } = open;
    let token = match step {
        Step::VerifyEmail => None,
        Step::SecondFactor => Some(wait(auth, context, &proven, Needs::SecondFactor).await?),
        Step::SetUpSecondFactor => Some(wait(auth, context, &proven, Needs::SetUp).await?),
        Step::MailedCode => Some(mailed_code::send(auth, context, &proven).await?),
    };
    let token = token.map(PendingToken);
    let factors = proven.factors().to_vec();
    Ok(Pending { step, user: proven.into_user(), factors, methods, token })
}

/// Keeps a login that waits for a second factor. The answer is its token.
async fn wait(
    auth: &Auth,
    context: &Context,
    proven: &Proven,
    needs: Needs,
) -> Result<String, AuthError> {
    let waiting = WaitingLogin::new(needs, proven, &context.client);
    let lifetime = auth.settings().mfa.ephemeral_token_timeout;
    let owner = Some(proven.with_password());
    let token = challenges::issue(auth, Purpose::Login, owner, &waiting, lifetime).await?;
    let asked = Event::SecondFactorAsked { user: proven.user().id };
    events::record(auth, &context.client, asked);
    Ok(token)
}

/// The login that a token goes on with.
///
/// # Errors
/// Errors of the database.
pub(super) async fn find(
    auth: &Auth,
    token: &str,
) -> Result<Option<Challenge<WaitingLogin>>, AuthError> {
    challenges::find(auth, Purpose::Login, token).await
}
