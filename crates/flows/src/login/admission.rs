//! The last step of every login: checks the conditions and issues credentials.

use futures_util::future::BoxFuture;
use rest_auth_domain::message::Message;
use rest_auth_store::User;
use serde_json::{Map, Value};

use super::admitted::Admitted;
use super::checks::{self, Step};
use super::pending::{self, Pending};
use super::proven::Proven;
use crate::auth::Auth;
use crate::context::Context;
use crate::credentials::{self, Issued};
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::trusted_browsers::{self, BrowserToken};
use crate::{known_clients, user_fields};

/// The result of a login.
#[derive(Debug)]
pub enum Outcome {
    /// The user is logged in.
    LoggedIn(Box<LoggedIn>),
    /// The user has to complete a step first.
    Step(Box<Pending>),
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
    /// What the cookie of the browser is to hold, if it is trusted from now on.
    pub browser: Option<BrowserToken>,
}

impl From<Step> for AuthError {
    /// The answer of dj-rest-auth to a login without a token to go on with.
    fn from(step: Step) -> Self {
        match step {
            Step::VerifyEmail => Self::form(Message::EmailNotVerified),
            Step::SecondFactor | Step::MailedCode | Step::SetUpSecondFactor => {
                Self::form(Message::SecondFactorRequired)
            }
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
    complete_in(auth, context, proven, Browser::AsItIs).await
}

/// What becomes of the browser of a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Browser {
    /// Nothing.
    AsItIs,
    /// It is trusted from now on, if `mfa.trust_enabled` is on.
    Trusted,
}

/// The same, and lets the browser be trusted.
pub(super) fn complete_in<'a>(
    auth: &'a Auth,
    context: &'a Context,
    proven: Proven,
    browser: Browser,
) -> BoxFuture<'a, Result<Outcome, AuthError>> {
    Box::pin(async move {
        refuse_disabled(&proven)?;
        if let Some(open) = checks::open_step(auth, context, &proven).await? {
            let pending = pending::keep(auth, context, proven, open).await?;
            return Ok(Outcome::Step(Box::new(pending)));
        }
        Ok(Outcome::LoggedIn(Box::new(issue(auth, context, proven, browser).await?)))
    })
}

/// New credentials for a user who is logged in already and has proven one thing more. `None`: a login
/// would have to stop at a step. This one does not: the user goes on with the credentials that they
/// have.
///
/// # Errors
/// As [`complete`].
pub(crate) async fn complete_at_once(
    auth: &Auth,
    context: &Context,
    proven: Proven,
) -> Result<Option<Box<LoggedIn>>, AuthError> {
    refuse_disabled(&proven)?;
    if checks::open_step(auth, context, &proven).await?.is_some() {
        return Ok(None);
    }
    Ok(Some(Box::new(issue(auth, context, proven, Browser::AsItIs).await?)))
}

fn refuse_disabled(proven: &Proven) -> Result<(), AuthError> {
    if proven.user().is_active { Ok(()) } else { Err(AuthError::form(Message::BadCredentials)) }
}

/// Issues credentials to a user who has passed every check.
async fn issue(
    auth: &Auth,
    context: &Context,
    proven: Proven,
    browser: Browser,
) -> Result<LoggedIn, AuthError> {
    let factors: Vec<_> = proven.factors().iter().map(|factor| factor.method).collect();
    let browser = match browser {
        Browser::Trusted if auth.settings().mfa.trust_enabled => {
            Some(trusted_browsers::trust(auth, context, &proven).await?)
        }
        Browser::Trusted | Browser::AsItIs => None,
    };
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
    Ok(LoggedIn { user, issued, fields, browser })
}
