//! The way to a provider: from a link, or by an address that a front end has asked for.

use std::time::Duration;

use rest_auth_domain::encoding;
use rest_auth_domain::message::Message;
use rest_auth_domain::opaque_token::digest_of;
use rest_auth_domain::random::{self, RandomSource};
use rest_auth_social::Authorization;
use rest_auth_store::{User, UserWithPassword};
use serde::{Deserialize, Serialize};

use super::super::{redirects, refusal};
use super::reasons::reason;
use super::{BAD_STATE, LIFETIME, ReturnResult, Returned, State, stranded, stray};
use crate::auth::Auth;
use crate::challenges::{self, Purpose};
use crate::context::Context;
use crate::error::AuthError;
use crate::limits::{self, Action, LimitKey};
use crate::reauthentication;

/// How long the address works that a front end has asked for. It sends the browser there at once.
const ADDRESS_LIFETIME: Duration = Duration::from_mins(1);

/// How many random bytes the secrets have.
const SECRET_LEN: usize = 32;

/// What a front end asks for.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Beginning {
    /// Where the browser is sent in the end; empty: `socialaccount.redirect_url`.
    pub redirect_url: String,
    /// The digest of a secret of the front end, which it shows when it exchanges the code (RFC 7636,
    /// S256); empty: none.
    pub code_challenge: String,
}

/// How a browser came here that is on its way to a provider.
#[derive(Clone, Debug)]
pub enum Asked {
    /// By a link of anybody's.
    Link(Beginning),
    /// By the address that [`prepare`] has answered, with this code in it.
    Address(String),
}

/// Where a browser goes that is on its way to a provider.
#[derive(Debug)]
pub enum Departure {
    /// To the provider.
    Begun(Begun),
    /// Back to the front end.
    Failed(Returned),
}

/// Where to send the browser.
#[derive(Debug)]
pub struct Begun {
    /// The address at the provider.
    pub url: String,
    /// The secret for the cookie of this browser.
    pub browser: String,
}

/// What is kept until the browser is at the address that a front end has asked for.
#[derive(Serialize, Deserialize)]
struct Prepared {
    provider: String,
    beginning: Beginning,
}

/// Answers the address of ours to which a front end sends the browser, to log in or to connect an
/// account to a user who is logged in.
///
/// The cookie that binds a login to its browser is set there. The answer to this request cannot set
/// it: to the browser the page may be one of another site, whose requests neither send nor keep
/// cookies of ours, and an app is no browser at all.
///
/// # Errors
/// [`AuthError::Invalid`] if the front end may not wait at this address, [`AuthError::Throttled`], and
/// [`AuthError::ReauthenticationRequired`] if an account is to be connected without a fresh proof.
pub async fn prepare(
    auth: &Auth,
    context: &Context,
    user: Option<&User>,
    provider: &str,
    beginning: Beginning,
) -> Result<String, AuthError> {
    limits::consume(auth, Action::SocialBegin, &LimitKey::at(&context.client)).await?;
    let beginning = checked(auth, beginning)?;
    if let Some(user) = user {
        reauthentication::require(auth, context, user).await?;
    }
    let owner = match user {
        Some(user) => auth.store().user_with_password(user.id).await?,
        None => None,
    };
    let prepared = Prepared { provider: provider.to_owned(), beginning };
    let (purpose, owner) = (Purpose::SocialBegin, owner.as_ref());
    let code = challenges::issue(auth, purpose, owner, &prepared, ADDRESS_LIFETIME).await?;
    let address = context.links.of_provider(auth.settings(), provider, "begin");
    Ok(format!("{address}?begin_code={code}"))
}

/// Sends a browser on its way. `browser` is the secret in its cookie, if it has one. What goes wrong
/// once it is known where the front end waits is told there, and not to the user.
///
/// # Errors
/// [`AuthError::Invalid`] if the front end may not wait at this address, or asks for nonsense; errors
/// of the database if it is not known where it waits.
pub async fn depart(
    auth: &Auth,
    context: &Context,
    provider: &str,
    asked: Asked,
    browser: Option<String>,
) -> Result<Departure, AuthError> {
    let (owner, beginning) = match asked {
        Asked::Link(beginning) => {
            let beginning = checked(auth, beginning)?;
            let client = LimitKey::at(&context.client);
            if let Err(error) = limits::consume(auth, Action::SocialBegin, &client).await {
                return Ok(failed(beginning.redirect_url, &error));
            }
            (None, beginning)
        }
        Asked::Address(code) => match redeemed(auth, provider, &code).await {
            Ok(Some(found)) => found,
            Ok(None) => return Ok(Departure::Failed(stray(auth, context, provider, BAD_STATE)?)),
            Err(error) => return Ok(Departure::Failed(stranded(auth, error)?)),
        },
    };
    let redirect_url = beginning.redirect_url.clone();
    // One secret serves several tabs.
    let browser =
        browser.filter(|secret| has_32_bytes(secret)).unwrap_or_else(|| secret(auth.random()));
    let state = State {
        provider: provider.to_owned(),
        redirect_url: beginning.redirect_url,
        code_challenge: beginning.code_challenge,
        browser: digest_of(&browser),
        verifier: secret(auth.random()),
        nonce: secret(auth.random()),
    };
    match leave(auth, context, owner.as_ref(), &state).await {
        Ok(url) => Ok(Departure::Begun(Begun { url, browser })),
        Err(error) => Ok(failed(redirect_url, &error)),
    }
}

/// What a front end asks for, if it may wait where it says.
fn checked(auth: &Auth, beginning: Beginning) -> Result<Beginning, AuthError> {
    let Beginning { redirect_url, code_challenge } = beginning;
    let redirect_url = redirects::allowed(auth, redirect_url)?;
    if code_challenge.is_empty() && redirects::is_of_an_app(&redirect_url) {
        return Err(AuthError::field("code_challenge", Message::Required));
    }
    if !code_challenge.is_empty() && !has_32_bytes(&code_challenge) {
        return Err(AuthError::field("code_challenge", Message::InvalidValue));
    }
    Ok(Beginning { redirect_url, code_challenge })
}

/// What was asked for with a code, and the user who wants to connect an account. The code is used up
/// by whoever shows it.
async fn redeemed(
    auth: &Auth,
    provider: &str,
    code: &str,
) -> Result<Option<(Option<UserWithPassword>, Beginning)>, AuthError> {
    let found = challenges::find::<Prepared>(auth, Purpose::SocialBegin, code).await?;
    let Some(found) = found else { return Ok(None) };
    let is_first = challenges::consume(auth, &found).await?;
    if !is_first || found.is_over || found.data.provider != provider {
        return Ok(None);
    }
    Ok(Some((found.owner, found.data.beginning)))
}

/// The address at the provider, with a state that works once.
async fn leave(
    auth: &Auth,
    context: &Context,
    owner: Option<&UserWithPassword>,
    state: &State,
) -> Result<String, AuthError> {
    let provider = &state.provider;
    let token = challenges::issue(auth, Purpose::SocialLogin, owner, state, LIFETIME).await?;
    let authorization = Authorization {
        redirect_uri: &context.links.own_callback(auth.settings(), provider),
        state: &token,
        nonce: &state.nonce,
        verifier: &state.verifier,
    };
    auth.social().authorize(provider, authorization).await.map_err(refusal)
}

fn failed(redirect_url: String, error: &AuthError) -> Departure {
    Departure::Failed(Returned { redirect_url, result: ReturnResult::Failed(reason(error)) })
}

fn secret(random: &dyn RandomSource) -> String {
    random::base64url(random, SECRET_LEN)
}

/// Whether a text is 32 bytes in URL-safe base64: a secret of ours, or a digest by SHA-256.
fn has_32_bytes(text: &str) -> bool {
    text.len() == 43 && encoding::from_base64url(text).is_some_and(|b| b.len() == SECRET_LEN)
}
