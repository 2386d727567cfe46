//! Tokens that a client carries from one request to the next, of which the database keeps a digest,
//! and that work once: a login that waits for its second step, for example.
//!
//! A challenge knows nothing of the surface that shows it. It carries what its purpose needs, counts
//! the attempts at it, and ends with the password of its owner and with everything else that ends
//! their credentials.

use std::time::Duration;

use rest_auth_domain::clock::after;
use rest_auth_domain::opaque_token::digest_of;
use rest_auth_domain::random::{self, RandomSource};
use rest_auth_store::{NewOneTime, SingleUse, UserWithPassword};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::auth::Auth;
use crate::error::AuthError;

/// How many random bytes a token has.
const TOKEN_LEN: usize = 32;
/// How many a WebAuthn challenge has, as in dj-rest-auth.
const WEBAUTHN_CHALLENGE_LEN: usize = 64;
/// How many dj-rest-auth's `session_id` has.
const SESSION_ID_LEN: usize = 16;
/// The longest text that is looked up as a token.
const LONGEST: usize = 128;

/// What a challenge is about. A token works for its own purpose only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A login that waits for a step.
    Login,
    /// The way to a provider that a front end has asked for, until the browser takes it.
    SocialBegin,
    /// A login in the browser, while the user is at a provider.
    SocialLogin,
    /// A login that ended in the browser, whose credentials the front end gets next.
    SocialExchange,
    /// An account at a provider, until the user who began to connect it completes that.
    SocialConnect,
    /// A login by passkey. The token is dj-rest-auth's `session_id`.
    PasskeyLogin,
    /// A passkey that is added. The token is the challenge, which the browser signs and sends back:
    /// so each tab has its own.
    PasskeyEnrolment,
    /// A passkey that is added by a login that needs a second factor. The token is the challenge,
    /// too.
    PasskeySetUp,
    /// A passkey that a user who is logged in shows again. The token is as for a login.
    PasskeyReauthentication,
    /// A passkey that removes an authenticator app. The token is the challenge, too.
    PasskeyDeactivation,
    /// A passkey that completes a login. The token is the challenge, too.
    PasskeyStep,
    /// An account that somebody whom a provider knows has yet to complete.
    SocialSignUp,
}

/// A challenge that nobody has answered yet.
pub(crate) struct Challenge<T> {
    id: i64,
    /// The user whom it is about, as they are now; none if they were deleted, or there never was
    /// one.
    pub(crate) owner: Option<UserWithPassword>,
    /// Whether the owner's credentials were ended, or their password changed, since it was issued.
    pub(crate) is_over: bool,
    /// Whether the owner's password changed since it was issued, which alone ends what a user who is
    /// logged in has begun: their own changes raise the epoch.
    pub(crate) has_new_password: bool,
    /// What was put there.
    pub(crate) data: T,
}

/// What the database keeps of a challenge.
#[derive(Serialize, Deserialize)]
struct StoredChallenge<T> {
    /// The digest of the owner's password hash: Django changes passwords without raising the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    password: Option<String>,
    data: T,
}

impl Purpose {
    /// The kind of its rows in `rest_auth_one_time`.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Login => "mfa_login",
            Self::SocialBegin => "social_begin",
            Self::SocialLogin => "social_login",
            Self::SocialExchange => "social_exchange",
            Self::SocialConnect => "social_connect",
            Self::PasskeyLogin => "passkey_login",
            Self::PasskeyEnrolment => "passkey_enrolment",
            Self::PasskeySetUp => "passkey_set_up",
            Self::PasskeyDeactivation => "passkey_deactivation",
            Self::PasskeyStep => "passkey_step",
            Self::PasskeyReauthentication => "passkey_reauthentication",
            Self::SocialSignUp => "social_sign_up",
        }
    }

    /// What its tokens begin with, so that scanners recognize one that leaked.
    fn prefix(self) -> &'static str {
        match self {
            Self::Login => "ra_mfa_",
            Self::SocialBegin => "ra_begin_",
            Self::SocialLogin => "ra_state_",
            Self::SocialExchange => "ra_code_",
            Self::SocialConnect => "ra_connect_",
            Self::PasskeyLogin
            | Self::PasskeyReauthentication
            | Self::PasskeyEnrolment
            | Self::PasskeySetUp
            | Self::PasskeyDeactivation
            | Self::PasskeyStep => "",
            Self::SocialSignUp => "ra_signup_",
        }
    }

    /// A new token, in the form that the wire has.
    fn token(self, random: &dyn RandomSource) -> String {
        if matches!(self, Self::PasskeyLogin | Self::PasskeyReauthentication) {
            return random::hex(random, SESSION_ID_LEN);
        }
        match self {
            Self::PasskeyEnrolment
            | Self::PasskeySetUp
            | Self::PasskeyDeactivation
            | Self::PasskeyStep => webauthn_challenge(random),
            _ => format!("{}{}", self.prefix(), random::base64url(random, TOKEN_LEN)),
        }
    }
}

/// What a browser has a passkey sign, in base64url.
pub(crate) fn webauthn_challenge(random: &dyn RandomSource) -> String {
    random::base64url(random, WEBAUTHN_CHALLENGE_LEN)
}

impl<T> Challenge<T> {
    /// The row, for a transaction that uses it up.
    pub(crate) fn single_use(&self, auth: &Auth) -> SingleUse {
        SingleUse { id: self.id, now: auth.now() }
    }
}

/// Issues a challenge and returns its token, which is shown to the client and kept nowhere.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn issue<T: Serialize>(
    auth: &Auth,
    purpose: Purpose,
    owner: Option<&UserWithPassword>,
    data: &T,
    lifetime: Duration,
) -> Result<String, AuthError> {
    let (token, row) = prepare(auth, purpose, owner, data, lifetime)?;
    auth.store().insert_one_time(&row).await?;
    Ok(token)
}

/// A challenge that is not kept yet, with its token: for a transaction that does more.
///
/// # Errors
/// [`AuthError::Internal`] if its data cannot be written as JSON.
pub(crate) fn prepare<T: Serialize>(
    auth: &Auth,
    purpose: Purpose,
    owner: Option<&UserWithPassword>,
    data: &T,
    lifetime: Duration,
) -> Result<(String, NewOneTime), AuthError> {
    let token = purpose.token(auth.random());
    let kept = StoredChallenge { password: owner.map(mark), data };
    let now = auth.now();
    let row = NewOneTime {
        kind: purpose.kind().to_owned(),
        digest: digest_of(&token),
        user_id: owner.map(|owner| owner.user.id),
        epoch: owner.map_or(0, |owner| owner.user.epoch),
        data: serde_json::to_string(&kept).map_err(AuthError::internal)?,
        created_at: now,
        expires_at: after(now, lifetime),
    };
    Ok((token, row))
}

/// Finds the challenge of a token, with its owner, in one statement. `None`: there is none, it has
/// ended, or it was used.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn find<T: DeserializeOwned>(
    auth: &Auth,
    purpose: Purpose,
    token: &str,
) -> Result<Option<Challenge<T>>, AuthError> {
    if token.len() > LONGEST || !token.starts_with(purpose.prefix()) {
        return Ok(None);
    }
    let (kind, digest) = (purpose.kind(), digest_of(token));
    let found =
        auth.store().one_time_with_owner::<UserWithPassword>(kind, &digest, auth.now()).await?;
    let Some((row, owner)) = found else { return Ok(None) };
    if row.user_id.is_some() && owner.is_none() {
        return Ok(None);
    }
    let Ok(StoredChallenge { password, data }) = serde_json::from_str(&row.data) else {
        return Ok(None);
    };
    let has_new_password = owner.as_ref().is_some_and(|owner| password != Some(mark(owner)));
    let has_new_epoch = owner.as_ref().is_some_and(|owner| owner.user.epoch != row.epoch);
    let is_over = has_new_password || has_new_epoch;
    Ok(Some(Challenge { id: row.id, owner, is_over, has_new_password, data }))
}

/// Counts an attempt, before it is checked. `false`: there were `limit` already, or the challenge was
/// used meanwhile.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn count_attempt<T>(
    auth: &Auth,
    challenge: &Challenge<T>,
    limit: u32,
) -> Result<bool, AuthError> {
    Ok(auth.store().count_attempt(challenge.id, limit.into(), auth.now()).await?)
}

/// Uses a challenge up. Of any number of concurrent calls exactly one returns `true`.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn consume<T>(auth: &Auth, challenge: &Challenge<T>) -> Result<bool, AuthError> {
    Ok(auth.store().consume_one_time(challenge.id, auth.now()).await?)
}

/// The hash is salted, so that its digest tells nothing.
fn mark(owner: &UserWithPassword) -> String {
    digest_of(owner.password.as_str())
}
