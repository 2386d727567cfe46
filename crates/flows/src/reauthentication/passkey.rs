//! A passkey proves that the user is there. It takes two requests, as a login does.

use rest_auth_domain::message::Message;
use rest_auth_store::User;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::credential;
use super::login_mark::LoginMark;
use crate::auth::Auth;
use crate::challenges::{self, Purpose};
use crate::context::Context;
use crate::error::AuthError;
use crate::limits::{self, Action, LimitKey};
use crate::login::factor::{Factor, Method};
use crate::login::passkey::{self, Asked, RequestOptions};
use crate::passkeys::relying_party;

/// What is kept of a proof that has begun.
#[derive(Serialize, Deserialize)]
struct Waiting {
    challenge: String,
    /// Who began it.
    login: LoginMark,
}

/// The options for a user who is logged in and shows one of their passkeys.
///
/// # Errors
/// [`AuthError::Invalid`] if the settings name no site, or if nothing could keep the proof;
/// [`AuthError::Throttled`] after too many.
pub async fn begin(
    auth: &Auth,
    context: &Context,
    user: &User,
) -> Result<RequestOptions, AuthError> {
    limits::consume(auth, Action::Passkey, &LimitKey::at(&context.client).user(user.id)).await?;
    credential::keeper(auth, context, user).await?;
    let party = relying_party::of(auth)?;
    let owner = auth.store().user_with_password(user.id).await?.ok_or(AuthError::NotFound)?;
    let challenge = challenges::webauthn_challenge(auth.random());
    let login = LoginMark::of(auth, context, user).await?;
    let waiting = Waiting { challenge: challenge.clone(), login };
    let lifetime = auth.settings().passkeys.challenge_timeout;
    let purpose = Purpose::PasskeyReauthentication;
    let session_id = challenges::issue(auth, purpose, Some(&owner), &waiting, lifetime).await?;
    Ok(RequestOptions {
        rp_id: party.id,
        challenge,
        allow: auth.store().passkeys_of(user.id).await?,
        user_verification: auth.settings().passkeys.user_verification.into(),
        session_id: Some(session_id),
    })
}

/// What an answer proves. The challenge is used up first, whatever comes of it.
///
/// # Errors
/// [`AuthError::Invalid`] if it was not begun by this login of the user or has ended, if the passkey is
/// not theirs, or if a check fails.
pub(super) async fn prove(
    auth: &Auth,
    context: &Context,
    user: &User,
    credential: &Value,
    session_id: &str,
) -> Result<Factor, AuthError> {
    let purpose = Purpose::PasskeyReauthentication;
    let waiting = challenges::find::<Waiting>(auth, purpose, session_id).await?;
    let login = LoginMark::of(auth, context, user).await?;
    let own = waiting.filter(|waiting| {
        let is_users = waiting.owner.as_ref().is_some_and(|owner| owner.user.id == user.id);
        is_users && !waiting.is_over && waiting.data.login == login
    });
    let expired = || AuthError::form(Message::PasskeyLoginExpired);
    let waiting = own.ok_or_else(expired)?;
    if !challenges::consume(auth, &waiting).await? {
        return Err(expired());
    }
    let response = passkey::read(credential)?;
    let passkey = auth.store().passkey(&response.id, &[user.id]).await?;
    let passkey = passkey.filter(|passkey| passkey.user_id == user.id);
    let passkey = passkey.ok_or_else(|| AuthError::form(Message::PasskeyNotFound))?;
    let user_verification = auth.settings().passkeys.user_verification.into();
    let asked = Asked { owner: user, challenge: &waiting.data.challenge, user_verification };
    let assertion = passkey::answered(auth, context, &passkey, &response, asked).await?;
    let method = if assertion.user_verified { Method::Passkey } else { Method::SecurityKey };
    Ok(Factor::of_passkey(method, assertion, auth.now()))
}
