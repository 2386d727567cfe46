//! A login at a provider in the browser: out by [`begin`], back by [`returned`] (RFC 6749, section
//! 4.1, with RFC 7636 and RFC 9207).
//!
//! What leaves with the browser is a state that works once. Its row says which provider it is for,
//! where the front end waits, and with which secret in a cookie of this browser it began: the answer
//! of another provider, or one that was begun in another browser, is refused.

use std::time::Duration;

use rest_auth_domain::encoding;
use rest_auth_domain::message::Message;
use rest_auth_domain::opaque_token::digest_of;
use rest_auth_domain::random::{self, RandomSource};
use rest_auth_domain::signing;
use rest_auth_social::{Authorization, Identity, Presented};
use rest_auth_store::User;
use serde::{Deserialize, Serialize};

use super::account::{self, Found};
use super::hand_over;
use super::{redirects, refusal, with_identity};
use crate::auth::Auth;
use crate::challenges::{self, Purpose};
use crate::context::Context;
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::limits::{self, Action, LimitKey};
use crate::login::{self, HandedOver, LoggedIn, Outcome, Proven};
use crate::reauthentication;
use crate::settings::HandOver;

/// How long a user may take at the provider.
pub const LIFETIME: Duration = Duration::from_mins(15);

/// How many random bytes the secrets have.
const SECRET_LEN: usize = 32;

/// What a front end asks for.
#[derive(Clone, Debug, Default)]
pub struct Beginning {
    /// Where the browser is sent in the end; empty: `socialaccount.redirect_url`.
    pub redirect_url: String,
    /// The digest of a secret of the front end, which it shows when it exchanges the code (RFC 7636,
    /// S256); empty: none.
    pub code_challenge: String,
    /// The secret in the cookie of this browser, if it has one.
    pub browser: Option<String>,
}

/// Where to send the browser.
#[derive(Debug)]
pub struct Begun {
    /// The address at the provider.
    pub url: String,
    /// The secret for the cookie of this browser.
    pub browser: String,
}

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
    /// The account is connected to the user who asked for it.
    Connected,
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

/// Begins a login, or the connection of an account to a user who is logged in.
///
/// # Errors
/// [`AuthError::Invalid`] if the front end may not wait at this address, [`AuthError::Provider`] if
/// the provider does not say where to send the browser, [`AuthError::Throttled`], and
/// [`AuthError::ReauthenticationRequired`] if an account is to be connected without a fresh proof.
pub async fn begin(
    auth: &Auth,
    context: &Context,
    user: Option<&User>,
    provider: &str,
    beginning: Beginning,
) -> Result<Begun, AuthError> {
    limits::consume(auth, Action::Login, &LimitKey::at(&context.client)).await?;
    let Beginning { redirect_url, code_challenge, browser } = beginning;
    let redirect_url = redirects::allowed(auth, redirect_url)?;
    let is_missing = code_challenge.is_empty() && redirects::is_of_an_app(&redirect_url);
    if is_missing {
        return Err(AuthError::field("code_challenge", Message::Required));
    }
    if !code_challenge.is_empty() && !has_32_bytes(&code_challenge) {
        return Err(AuthError::field("code_challenge", Message::InvalidValue));
    }
    if let Some(user) = user {
        reauthentication::require(auth, context, user).await?;
    }
    let owner = match user {
        Some(user) => auth.store().user_with_password(user.id).await?,
        None => None,
    };
    // One secret serves several tabs.
    let browser =
        browser.filter(|secret| has_32_bytes(secret)).unwrap_or_else(|| secret(auth.random()));
    let state = State {
        provider: provider.to_owned(),
        redirect_url,
        code_challenge,
        browser: digest_of(&browser),
        verifier: secret(auth.random()),
        nonce: secret(auth.random()),
    };
    let token =
        challenges::issue(auth, Purpose::SocialLogin, owner.as_ref(), &state, LIFETIME).await?;
    let authorization = Authorization {
        redirect_uri: &context.links.own_callback(auth.settings(), provider),
        state: &token,
        nonce: &state.nonce,
        verifier: &state.verifier,
    };
    let url = auth.social().authorize(provider, authorization).await.map_err(refusal)?;
    Ok(Begun { url, browser })
}

/// Where a browser goes that is on its way to a provider.
#[derive(Debug)]
pub enum Departure {
    /// To the provider.
    Begun(Begun),
    /// Back to the front end.
    Failed(Returned),
}

/// The same as [`begin`] for a browser that is on its way: what goes wrong once it is known where the
/// front end waits is told there, and not to the user.
///
/// # Errors
/// [`AuthError::Invalid`] if the front end may not wait at this address, or asks for nonsense.
pub async fn depart(
    auth: &Auth,
    context: &Context,
    provider: &str,
    beginning: Beginning,
) -> Result<Departure, AuthError> {
    let redirect_url = redirects::allowed(auth, beginning.redirect_url.clone())?;
    match begin(auth, context, None, provider, beginning).await {
        Ok(begun) => Ok(Departure::Begun(begun)),
        Err(error @ AuthError::Invalid(_)) => Err(error),
        Err(error) => {
            let result = ReturnResult::Failed(reason(error)?);
            Ok(Departure::Failed(Returned { redirect_url, result }))
        }
    }
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
        log_in(auth, context, &identity, "").await
    };
    Ok(Returned { redirect_url, result: told(done.await)? })
}

/// Ends a login that came back from a provider.
///
/// # Errors
/// [`AuthError::Invalid`] if it was not begun here and it is not known where the front end waits;
/// otherwise the front end is told.
pub async fn returned(
    auth: &Auth,
    context: &Context,
    provider: &str,
    answer: ProviderAnswer,
) -> Result<Returned, AuthError> {
    let found = challenges::find::<State>(auth, Purpose::SocialLogin, &answer.state).await?;
    let Some(begun) = found else { return stray(auth, context, provider) };
    let state = &begun.data;
    let browser = answer.browser.as_deref().map(digest_of);
    let is_same = browser.is_some_and(|digest| signing::same(&digest, &state.browser));
    // The row is used up by whoever shows it, so that nobody can try cookies or codes with it.
    let is_first = challenges::consume(auth, &begun).await?;
    if !is_same || !is_first || begun.is_over || state.provider != provider {
        return stray(auth, context, provider);
    }
    let redirect_url = state.redirect_url.clone();
    let owner = begun.owner.as_ref().map(|owner| owner.user.clone());
    let done = finish(auth, context, owner, &begun.data, answer).await;
    Ok(Returned { redirect_url, result: told(done)? })
}

async fn finish(
    auth: &Auth,
    context: &Context,
    owner: Option<User>,
    state: &State,
    answer: ProviderAnswer,
) -> Result<ReturnResult, AuthError> {
    let provider = &state.provider;
    let is_issuer = auth.social().is_issuer(provider, answer.issuer.as_deref()).await;
    if !is_issuer.map_err(refusal)? {
        let reason = "another issuer answered".to_owned();
        let provider = provider.clone();
        events::record(auth, &context.client, Event::SocialLoginFailed { provider, reason });
        return Ok(ReturnResult::Failed("provider_error"));
    }
    if answer.code.is_empty() {
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
    match owner {
        Some(user) => {
            account::connect(auth, context, &user, &identity).await?;
            Ok(ReturnResult::Connected)
        }
        None => log_in(auth, context, &identity, &state.code_challenge).await,
    }
}

/// Logs in by cookies, or hands over a code. A login that needs a further step is one that the front
/// end goes on with, so it gets a code in any case.
async fn log_in(
    auth: &Auth,
    context: &Context,
    identity: &Identity,
    code_challenge: &str,
) -> Result<ReturnResult, AuthError> {
    let user = match account::of(auth, context, identity, code_challenge).await? {
        Found::User(user) => *user,
        Found::SignUp(waiting) => return Ok(ReturnResult::SignUp(waiting.token.0)),
    };
    if !user.user.is_active {
        return Err(AuthError::form(Message::BadCredentials));
    }
    if auth.settings().social.hand_over == HandOver::Cookies {
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

/// An answer to nothing that began here. Where the front end waits is not believed.
fn stray(auth: &Auth, context: &Context, provider: &str) -> Result<Returned, AuthError> {
    let (provider, reason) = (provider.to_owned(), "the state is not good".to_owned());
    events::record(auth, &context.client, Event::SocialLoginFailed { provider, reason });
    match &auth.settings().social.redirect_url {
        Some(url) => Ok(Returned {
            redirect_url: url.clone(),
            result: ReturnResult::Failed("state_invalid"),
        }),
        None => Err(AuthError::form(Message::StateInvalid)),
    }
}

/// What the front end is told of the end of a login.
///
/// # Errors
/// As [`reason`].
fn told(done: Result<ReturnResult, AuthError>) -> Result<ReturnResult, AuthError> {
    match done {
        Err(error) => Ok(ReturnResult::Failed(reason(error)?)),
        done => done,
    }
}

/// The word by which the front end is told of an error.
///
/// # Errors
/// The error itself if the user can do nothing about it and it is to be logged.
fn reason(error: AuthError) -> Result<&'static str, AuthError> {
    Ok(match &error {
        AuthError::Invalid(errors) => {
            let mut messages = errors.iter().flat_map(|(_, messages)| messages);
            messages.find_map(word).unwrap_or("login_failed")
        }
        AuthError::Forbidden(_) => "signup_closed",
        AuthError::Throttled { .. } => "too_many_attempts",
        AuthError::Provider(cause) => {
            tracing::warn!(event = "provider_unavailable", %cause, "social login failed");
            "provider_unavailable"
        }
        AuthError::Overloaded { .. } => "busy",
        AuthError::ReauthenticationRequired { .. } => "reauthentication_required",
        AuthError::Unauthenticated(_) | AuthError::NotFound | AuthError::Unknown(_) => {
            "login_failed"
        }
        AuthError::Unavailable(_) | AuthError::Internal(_) => return Err(error),
    })
}

fn word(message: &Message) -> Option<&'static str> {
    Some(match message {
        Message::EmailTaken => "email_taken",
        Message::SocialAccountTaken => "account_taken",
        Message::SocialSignupClosed => "no_account",
        Message::BadCredentials => "account_disabled",
        Message::EmailNotVerified => "email_not_verified",
        Message::Required => "email_missing",
        _ => return None,
    })
}

fn secret(random: &dyn RandomSource) -> String {
    random::base64url(random, SECRET_LEN)
}

/// Whether a text is 32 bytes in URL-safe base64: a secret of ours, or a digest by SHA-256.
fn has_32_bytes(text: &str) -> bool {
    text.len() == 43 && encoding::from_base64url(text).is_some_and(|b| b.len() == SECRET_LEN)
}
