//! The last step of every login: checks the conditions and issues credentials.

use rest_auth_domain::message::Message;
use rest_auth_store::User;
use serde_json::{Map, Value};

use super::admitted::Admitted;
use super::checks::{self, Step};
use super::proven::{Factor, Proven};
use crate::auth::Auth;
use crate::context::Context;
use crate::credentials::{self, Issued};
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::{known_clients, user_fields};

/// The result of a login.
#[derive(Debug)]
pub enum Outcome {
    /// The user is logged in.
    LoggedIn(Box<LoggedIn>),
    /// The user has to complete a step first.
    Step(Pending),
}

/// A user who is logged in, with the issued credentials.
#[derive(Debug)]
pub struct LoggedIn {
    /// The user.
    pub user: User,
    /// The user's credentials.
    pub issued: Issued,
    /// The user's further fields, where the answer shows the user: beside JWTs.
    pub fields: Map<String, Value>,
}

/// A login that stopped at a step. Nothing was issued.
#[derive(Debug)]
pub struct Pending {
    step: Step,
    user: User,
    factors: Vec<Factor>,
}

impl Pending {
    /// The step to complete.
    #[must_use]
    pub fn step(&self) -> Step {
        self.step
    }

    /// Who it is.
    #[must_use]
    pub fn user(&self) -> &User {
        &self.user
    }

    /// What was proven so far, in order.
    #[must_use]
    pub fn factors(&self) -> &[Factor] {
        &self.factors
    }
}

impl From<Pending> for AuthError {
    /// The answer of dj-rest-auth to a login that is not complete.
    fn from(pending: Pending) -> Self {
        match pending.step {
            Step::VerifyEmail => Self::form(Message::EmailNotVerified),
        }
    }
}

/// Completes a login. This is the only function that issues credentials for a login, so every login
/// passes all checks.
///
/// # Errors
/// [`AuthError::Invalid`] if the account is disabled.
pub async fn complete(
    auth: &Auth,
    context: &Context,
    proven: Proven,
) -> Result<Outcome, AuthError> {
    if !proven.user().is_active {
        return Err(AuthError::form(Message::BadCredentials));
    }
    if let Some(step) = checks::open_step(auth, proven.user()).await? {
        let factors = proven.factors().to_vec();
        return Ok(Outcome::Step(Pending { step, user: proven.into_user(), factors }));
    }
    let factors: Vec<_> = proven.factors().iter().map(|factor| factor.method).collect();
    let admitted = Admitted::new(proven);
    let issued = credentials::issue(auth, context, &admitted).await?;
    let mut user = admitted.into_user();
    if issued.session.is_some() {
        user.last_login = Some(auth.now());
    }
    known_clients::note_login(auth, context, &user).await?;
    events::record(auth, &context.client, Event::Login { user: user.id, factors });
    let fields = match &issued.jwt {
        Some(_) => user_fields::of(auth, user.id).await?,
        None => Map::new(),
    };
    Ok(Outcome::LoggedIn(Box::new(LoggedIn { user, issued, fields })))
}
