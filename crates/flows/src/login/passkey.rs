//! Login by a passkey.

use rest_auth_domain::message::Message;
use rest_auth_domain::webauthn::{
    Assertion, AuthenticationResponse, CeremonyError, Expected, StoredCredential, UserVerification,
    authentication, user_handle,
};
use rest_auth_store::{Passkey, PasskeyUse, TokenClient, User};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::admission::{Outcome, complete};
use super::proven::Proven;
use crate::auth::Auth;
use crate::challenges::{self, Purpose};
use crate::context::Context;
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::limits::{self, Action, LimitKey};
use crate::lookup::{self, Identifier};
use crate::passkeys::{handles, relying_party};
use crate::{notices, outbox};

/// The options for a login.
#[derive(Debug)]
pub struct RequestOptions {
    /// The domain that the passkey is bound to.
    pub rp_id: String,
    /// The challenge, in base64url.
    pub challenge: String,
    /// The passkeys that may be used. None: whichever the device has.
    pub allow: Vec<Passkey>,
    /// Whether the device has to verify the user.
    pub user_verification: UserVerification,
    /// What goes on with the login, once; none where that is known already.
    pub session_id: Option<String>,
}

/// What a browser is to answer.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// The user whose passkey it is.
    pub(crate) owner: &'a User,
    /// The challenge, in base64url.
    pub(crate) challenge: &'a str,
    /// Whether the device has to verify the user.
    pub(crate) user_verification: UserVerification,
}

/// The input of a login by passkey.
#[derive(Debug)]
pub struct PasskeyLogin {
    /// What the browser's `toJSON` says.
    pub credential: Value,
    /// What the options came with.
    pub session_id: String,
}

/// What is kept of a login that has begun.
#[derive(Serialize, Deserialize)]
struct Waiting {
    challenge: String,
    /// The user who was named, where that is asked for.
    named: Option<i64>,
}

/// Begins a login, of whoever has a passkey. Where `passkeys.list_by_username` is on, the user who is
/// named gets theirs listed.
///
/// # Errors
/// [`AuthError::Invalid`] if the settings name no site; [`AuthError::Throttled`] after too many.
pub async fn begin(
    auth: &Auth,
    context: &Context,
    username: &str,
    email: &str,
) -> Result<RequestOptions, AuthError> {
    limits::consume(auth, Action::Passkey, &LimitKey::at(&context.client)).await?;
    let party = relying_party::of(auth)?;
    let named = named(auth, username, email).await?;
    let allow = match named {
        Some(user_id) => auth.store().passkeys_of(user_id).await?,
        None => Vec::new(),
    };
    let challenge = challenges::webauthn_challenge(auth.random());
    let waiting = Waiting { challenge: challenge.clone(), named };
    let lifetime = auth.settings().passkeys.challenge_timeout;
    let session_id =
        challenges::issue(auth, Purpose::PasskeyLogin, None, &waiting, lifetime).await?;
    let user_verification = auth.settings().passkeys.user_verification.into();
    Ok(RequestOptions {
        rp_id: party.id,
        challenge,
        allow,
        user_verification,
        session_id: Some(session_id),
    })
}

/// The user who is named, where naming one means anything.
async fn named(auth: &Auth, username: &str, email: &str) -> Result<Option<i64>, AuthError> {
    if !auth.settings().passkeys.list_by_username {
        return Ok(None);
    }
    let found = match (username, email) {
        ("", "") => Vec::new(),
        ("", email) => lookup::by_email(auth, email).await?,
        (name, _) => {
            let identifier = Identifier::Username(name.to_owned());
            lookup::candidates(auth, lookup::first_backend(auth), &identifier).await?
        }
    };
    Ok(found.first().map(|found| found.user.id))
}

/// Logs in a user who has a passkey.
///
/// # Errors
/// [`AuthError::Invalid`] if the login was not begun or has ended, if the passkey is unknown, if a
/// check fails, or if the account is disabled; [`AuthError::Throttled`] after too many attempts.
pub async fn with_passkey(
    auth: &Auth,
    context: &Context,
    login: PasskeyLogin,
) -> Result<Outcome, AuthError> {
    limits::consume(auth, Action::Login, &LimitKey::at(&context.client)).await?;
    let proven = prove(auth, context, login).await?;
    complete(auth, context, proven).await
}

/// Finds the active user of a passkey that answers a challenge. The challenge is used up first,
/// whatever comes of it.
///
/// # Errors
/// As [`with_passkey`].
pub async fn prove(
    auth: &Auth,
    context: &Context,
    login: PasskeyLogin,
) -> Result<Proven, AuthError> {
    let waiting = challenges::find(auth, Purpose::PasskeyLogin, &login.session_id).await?;
    let expired = || AuthError::form(Message::PasskeyLoginExpired);
    let waiting = waiting.ok_or_else(expired)?;
    if !challenges::consume(auth, &waiting).await? {
        return Err(expired());
    }
    let Waiting { challenge, named } = waiting.data;
    let response = read(&login.credential)?;
    let handle = response.user_handle.as_deref();
    let owner = handle.and_then(user_handle::owner_at_allauth);
    let owners: Vec<i64> = owner.into_iter().chain(named).collect();
    let passkey = auth.store().passkey(&response.id, &owners).await?;
    let unknown = || AuthError::form(Message::PasskeyNotFound);
    let passkey = passkey.ok_or_else(unknown)?;
    let user = auth.store().user_with_password(passkey.user_id).await?.ok_or_else(unknown)?;
    if let Some(handle) = handle
        && !handles::is_of(auth, user.user.id, handle).await?
    {
        return Err(failed(auth, context, &user.user));
    }
    let user_verification = auth.settings().passkeys.user_verification.into();
    let asked = Asked { owner: &user.user, challenge: &challenge, user_verification };
    let assertion = answered(auth, context, &passkey, &response, asked).await?;
    if !user.user.is_active {
        return Err(AuthError::form(Message::AccountDisabled));
    }
    Ok(Proven::by_passkey(user, lookup::first_backend(auth), assertion, auth.now()))
}

/// What the browser says.
///
/// # Errors
/// [`AuthError::Invalid`] if it cannot be read.
pub(crate) fn read(credential: &Value) -> Result<AuthenticationResponse, AuthError> {
    let format = || AuthError::form(Message::PasskeyFormat);
    if !credential.is_object() {
        return Err(format());
    }
    AuthenticationResponse::read(credential).map_err(|reason| {
        tracing::debug!(%reason, "a passkey cannot be read");
        match reason {
            CeremonyError::Member("id" | "rawId" | "response")
            | CeremonyError::CredentialId
            | CeremonyError::CredentialType => format(),
            _ => AuthError::form(Message::PasskeyLoginFailed),
        }
    })
}

/// Checks the answer to a challenge and records the use of the passkey.
///
/// # Errors
/// [`AuthError::Invalid`] if a check fails. With a counter that did not grow the owner is told: the
/// device may have been copied.
pub(crate) async fn answered(
    auth: &Auth,
    context: &Context,
    passkey: &Passkey,
    response: &AuthenticationResponse,
    asked: Asked<'_>,
) -> Result<Assertion, AuthError> {
    let party = relying_party::of(auth)?;
    let Asked { owner: user, challenge, user_verification } = asked;
    let expected = Expected { party: &party, challenge, user_verification };
    let stored = StoredCredential {
        public_key: passkey.public_key.clone(),
        sign_count: passkey.sign_count,
        backup_eligible: passkey.backup.map(|backup| backup.eligible),
    };
    let assertion = match authentication::verify(response, &stored, &expected) {
        Ok(assertion) => assertion,
        Err(CeremonyError::Counter) => return Err(copied(auth, context, user).await?),
        Err(reason) => {
            tracing::debug!(%reason, "a passkey was refused");
            return Err(failed(auth, context, user));
        }
    };
    let ip = TokenClient::from(&context.client).ip;
    let shown = PasskeyUse { assertion, at: auth.now(), ip };
    // Another request may have shown the same counter since the passkey was read.
    if !auth.store().use_passkey(passkey, &shown).await? {
        return Err(copied(auth, context, user).await?);
    }
    Ok(assertion)
}

fn failed(auth: &Auth, context: &Context, user: &User) -> AuthError {
    events::record(auth, &context.client, Event::LoginFailed { user: Some(user.id) });
    AuthError::form(Message::PasskeyLoginFailed)
}

async fn copied(auth: &Auth, context: &Context, user: &User) -> Result<AuthError, AuthError> {
    events::record(auth, &context.client, Event::PasskeyCopied { user: user.id });
    let mails = notices::passkey_copied(auth, context, user);
    outbox::enqueue(auth, &mails.into()).await?;
    Ok(AuthError::form(Message::PasskeyLoginFailed))
}
