//! A login at a provider in the browser: out by [`depart`], back by [`returned`] (RFC 6749, section
//! 4.1, with RFC 7636 and RFC 9207). [`prepare`] is the way out for a front end that asks for an
//! address first.
//!
//! What leaves with the browser is a state that works once. Its row says which provider it is for,
//! where the front end waits, and with which secret in a cookie of this browser it began: the answer
//! of another provider, or one that was begun in another browser, is refused.

mod departure;
mod reasons;

use std::time::Duration;

use rest_auth_domain::message::Message;
use rest_auth_domain::opaque_token::digest_of;
use rest_auth_domain::signing;
use rest_auth_social::{Identity, Presented};
use serde::{Deserialize, Serialize};

use self::reasons::{reason, told};
use super::account::{self, Found};
use super::{connecting, hand_over, redirects, refusal, with_identity};
use crate::auth::Auth;
use crate::challenges::{self, Challenge, Purpose};
use crate::context::Context;
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::limits::{self, Action, LimitKey};
use crate::login::{self, HandedOver, LoggedIn, Outcome, Proven, checks};
use crate::settings::HandOver;

pub use departure::{Asked, Beginning, Begun, Departure, depart, prepare};

/// How long a user may take at the provider.
pub const LIFETIME: Duration = Duration::from_mins(15);

/// Why an answer is none to a login that was begun here.
const BAD_STATE: &str = "the state is not good";

/// What a provider answers by the browser.
#[derive(Clone, Default)]
pub struct ProviderAnswer {
    /// What was sent along.
    pub state: String,
    /// The code.
    pub code: String,
    /// What VK sends beside it.
    pub device_id: String,
    /// Why there is none.
    pub error: String,
    /// Who answers, if it says so.
    pub issuer: Option<String>,
    /// Given and family name, which Apple sends beside the first code.
    pub name: Option<(String, String)>,
    /// The secret in the cookie of this browser.
    pub browser: Option<String>,
}

/// What becomes of the browser.
#[derive(Debug)]
pub struct Returned {
    /// Where the front end waits.
    pub redirect_url: String,
    /// What it is told.
    pub result: ReturnResult,
}

/// The end of a login in the browser.
#[derive(Debug)]
pub enum ReturnResult {
    /// The user is logged in; the credentials go into cookies.
    LoggedIn(Box<LoggedIn>),
    /// The front end exchanges this code.
    Code(String),
    /// The front end completes the account with this token.
    SignUp(String),
    /// The user who began to connect the account completes it with this code.
    Connect(String),
    /// It failed, for this reason.
    Failed(&'static str),
}

/// What is kept of a login while the user is at the provider.
#[derive(Serialize, Deserialize)]
struct State {
    provider: String,
    redirect_url: String,
    code_challenge: String,
    /// The digest of the secret in the cookie.
    browser: String,
    verifier: String,
    nonce: String,
}

/// A login by Google's button or One Tap, whose page posts an ID token.
///
/// # Errors
/// As [`returned`].
pub async fn one_tap(
    auth: &Auth,
    context: &Context,
    provider: &str,
    proof: Presented,
) -> Result<Returned, AuthError> {
    let redirect_url = redirects::allowed(auth, String::new())?;
    let done = async {
        limits::consume(auth, Action::Login, &LimitKey::at(&context.client)).await?;
        let identity = super::identify(auth, context, provider, proof).await?;
        log_in(auth, context, &identity, &redirect_url, "").await
    };
    let result = told(done.await);
    Ok(Returned { redirect_url, result })
}

/// Ends a tap whose form and cookie differ: another page posted it, or the browser kept no cookie.
///
/// # Errors
/// [`AuthError::Invalid`] if it is not known where the front end waits.
pub fn stray_tap(auth: &Auth, context: &Context, provider: &str) -> Result<Returned, AuthError> {
    stray(auth, context, provider, "the g_csrf_token of the form and that of the cookie differ")
}

/// Ends a login that came back from a provider.
///
/// # Errors
/// [`AuthError::Invalid`] if it was not begun here, and errors of the database, where it is not known
/// where the front end waits; otherwise the front end is told.
pub async fn returned(
    auth: &Auth,
    context: &Context,
    provider: &str,
    answer: ProviderAnswer,
) -> Result<Returned, AuthError> {
    let begun = match begun_here(auth, provider, &answer).await {
        Ok(Some(begun)) => begun,
        Ok(None) => return stray(auth, context, provider, BAD_STATE),
        Err(error) => return stranded(auth, error),
    };
    let redirect_url = begun.data.redirect_url.clone();
    let result = told(finish(auth, context, begun, answer).await);
    Ok(Returned { redirect_url, result })
}

/// The login that came back, if it was begun in this browser. It is used up.
async fn begun_here(
    auth: &Auth,
    provider: &str,
    answer: &ProviderAnswer,
) -> Result<Option<Challenge<State>>, AuthError> {
    let found = challenges::find::<State>(auth, Purpose::SocialLogin, &answer.state).await?;
    let Some(begun) = found else { return Ok(None) };
    let state = &begun.data;
    let browser = answer.browser.as_deref().map(digest_of);
    let is_same = browser.is_some_and(|digest| signing::same(&digest, &state.browser));
    // The row is used up by whoever shows it, so that nobody can try cookies or codes with it.
    let is_first = challenges::consume(auth, &begun).await?;
    let is_good = is_same && is_first && !begun.is_over && state.provider == provider;
    Ok(Some(begun).filter(|_| is_good))
}

async fn finish(
    auth: &Auth,
    context: &Context,
    begun: Challenge<State>,
    answer: ProviderAnswer,
) -> Result<ReturnResult, AuthError> {
    // Counted once it is known that this browser began it: a page of another site can send a browser
    // here, and must not use up anybody's limit.
    limits::consume(auth, Action::Login, &LimitKey::at(&context.client)).await?;
    let state = &begun.data;
    let provider = &state.provider;
    let is_issuer = auth.social().is_issuer(provider, answer.issuer.as_deref()).await;
    if !is_issuer.map_err(refusal)? {
        let reason = "another issuer answered".to_owned();
        let provider = provider.clone();
        events::record(auth, &context.client, Event::SocialLoginFailed { provider, reason });
        return Ok(ReturnResult::Failed("provider_error"));
    }
    // A code beside an error is none that the provider gave for a yes.
    if answer.code.is_empty() || !answer.error.is_empty() {
        let is_cancelled = ["access_denied", "user_cancelled_login", "user_cancelled_authorize"];
        let is_cancelled = is_cancelled.contains(&&*answer.error);
        return Ok(ReturnResult::Failed(if is_cancelled { "cancelled" } else { "provider_error" }));
    }
    let proof = Presented {
        code: answer.code,
        code_verifier: if auth.social().uses_pkce(provider) {
            state.verifier.clone()
        } else {
            String::new()
        },
        redirect_uri: context.links.own_callback(auth.settings(), provider),
        nonce: state.nonce.clone(),
        name: answer.name,
        device_id: answer.device_id,
        ..Presented::default()
    };
    let identity = with_identity(auth, context, provider, &proof).await?;
    let State { redirect_url, code_challenge, .. } = state;
    if let Some(user) = begun.owner {
        let code = connecting::issue(auth, &user, &identity, code_challenge).await?;
        return Ok(ReturnResult::Connect(code));
    }
    log_in(auth, context, &identity, redirect_url, code_challenge).await
}

/// Logs in by cookies, or hands over a code. A login that needs a further step is one that the front
/// end goes on with, so it gets a code in any case; so does an app, which has no cookies of this
/// browser.
async fn log_in(
    auth: &Auth,
    context: &Context,
    identity: &Identity,
    redirect_url: &str,
    code_challenge: &str,
) -> Result<ReturnResult, AuthError> {
    let user = match account::of(auth, context, identity, code_challenge).await? {
        Found::User(user) => *user,
        Found::SignUp(waiting) => return Ok(ReturnResult::SignUp(waiting.token.0)),
    };
    if !user.user.is_active {
        return Err(AuthError::form(Message::BadCredentials));
    }
    let by_code = auth.settings().social.hand_over != HandOver::Cookies
        || redirects::is_of_an_app(redirect_url);
    if by_code {
        // The code would be good for nothing.
        if checks::open_verification(auth, &user.user).await?.is_some() {
            return Ok(ReturnResult::Failed("email_not_verified"));
        }
    } else {
        let proven = Proven::by_provider(user.clone(), identity, auth.now());
        match login::complete(auth, context, proven).await? {
            Outcome::LoggedIn(done) => return Ok(ReturnResult::LoggedIn(done)),
            Outcome::Step(step) if step.token().is_none() => {
                return Ok(ReturnResult::Failed("email_not_verified"));
            }
            Outcome::Step(_) => {}
        }
    }
    let handed = HandedOver::new(identity, code_challenge, auth.now());
    Ok(ReturnResult::Code(hand_over::issue(auth, &user, &handed).await?))
}

/// What went wrong before it was known where the front end of this login waits. It is told where the
/// configuration says that one waits.
fn stranded(auth: &Auth, error: AuthError) -> Result<Returned, AuthError> {
    match &auth.settings().social.redirect_url {
        Some(url) => {
            let result = ReturnResult::Failed(reason(&error));
            Ok(Returned { redirect_url: url.clone(), result })
        }
        None => Err(error),
    }
}

/// An answer to nothing that began here. Where the front end waits is not believed.
fn stray(
    auth: &Auth,
    context: &Context,
    provider: &str,
    reason: &str,
) -> Result<Returned, AuthError> {
    let (provider, reason) = (provider.to_owned(), reason.to_owned());
    events::record(auth, &context.client, Event::SocialLoginFailed { provider, reason });
    match &auth.settings().social.redirect_url {
        Some(url) => Ok(Returned {
            redirect_url: url.clone(),
            result: ReturnResult::Failed("state_invalid"),
        }),
        None => Err(AuthError::form(Message::StateInvalid)),
    }
}
