//! A user adds a passkey.

use rest_auth_domain::field_errors::FieldErrors;
use rest_auth_domain::message::Message;
use rest_auth_domain::webauthn::{
    CeremonyError, Expected, NewCredential, RegistrationResponse, RelyingParty, registration,
};
use rest_auth_store::{NewPasskey, PasskeyAddition, PasskeySource, StoreError, TokenClient, User};
use serde_json::Value;

use super::{Passkey, handles, relying_party};
use crate::auth::Auth;
use crate::challenges::{self, Purpose};
use crate::context::Context;
use crate::current_session::OpenSession;
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::limits::{self, Action, LimitKey};
use crate::login::second_factor;
use crate::mfa::change::{self, PlannedFactorChange};
use crate::mfa::stored;
use crate::notices;
use crate::reauthentication::LoginMark;
use crate::settings::passkeys::PasskeyStorage;

/// The options for a new passkey.
#[derive(Debug)]
pub struct CreationOptions {
    /// The site.
    pub party: RelyingParty,
    /// The name of the user on the device, in base64url.
    pub user_handle: String,
    /// The user name.
    pub user_name: String,
    /// The name for people.
    pub display_name: String,
    /// The challenge, in base64url.
    pub challenge: String,
    /// The passkeys that the user has: a device that has one of them makes no other.
    pub exclude: Vec<Passkey>,
}

/// The answer of a browser.
#[derive(Debug)]
pub struct EnrolmentAnswer {
    /// What its `toJSON` says.
    pub credential: Value,
    /// The name for the passkey.
    pub name: Option<String>,
}

/// Begins to add a passkey. Several can be begun at a time, in two tabs, say.
///
/// # Errors
/// [`AuthError::Invalid`] if the settings name no site, if the user has as many as are allowed, or with
/// `errors` and what is wrong with the password, where changes need it.
pub async fn begin(
    auth: &Auth,
    context: &Context,
    user: &User,
    password: Option<String>,
    errors: FieldErrors,
) -> Result<CreationOptions, AuthError> {
    limits::consume(auth, Action::Passkey, &LimitKey::at(&context.client).user(user.id)).await?;
    change::confirm(auth, context, user, password, errors).await?;
    // Before a challenge is issued that nobody could answer, or to which the answer were no.
    relying_party::of(auth)?;
    check_room(auth, user).await?;
    let owner = auth.store().user_with_password(user.id).await?.ok_or(AuthError::NotFound)?;
    let lifetime = auth.settings().passkeys.challenge_timeout;
    let purpose = Purpose::PasskeyEnrolment;
    let login = LoginMark::of(auth, context, user).await?;
    let challenge = challenges::issue(auth, purpose, Some(&owner), &login, lifetime).await?;
    options(auth, user, challenge).await
}

/// The options for a user, with a challenge.
///
/// # Errors
/// [`AuthError::Invalid`] if the settings name no site.
pub(crate) async fn options(
    auth: &Auth,
    user: &User,
    challenge: String,
) -> Result<CreationOptions, AuthError> {
    let full_name = format!("{} {}", user.first_name, user.last_name);
    let display_name = match full_name.trim() {
        "" => user.username.clone(),
        name => name.to_owned(),
    };
    Ok(CreationOptions {
        party: relying_party::of(auth)?,
        user_handle: handles::new(auth, user).await?,
        user_name: user.username.clone(),
        display_name,
        challenge,
        exclude: auth.store().passkeys_of(user.id).await?,
    })
}

/// A passkey that was added. It has no `Debug`, because it holds secrets.
pub struct Added {
    /// The passkey.
    pub passkey: Passkey,
    /// The recovery codes that came with it, which are shown once.
    pub recovery_codes: Option<Vec<String>>,
    /// The session of the request, if all other credentials have ended.
    pub session: Option<OpenSession>,
}

/// Adds the passkey that a device has made, and with `mfa.revoke_on_change` ends the user's other
/// credentials. The owner gets a notice, and recovery codes with the first one that counts as a
/// second factor.
///
/// # Errors
/// [`AuthError::Invalid`] if the challenge is not one that waits for this login of the user, if a
/// check fails, if somebody has the passkey already, or if the user has as many as are allowed.
pub async fn complete(
    auth: &Auth,
    context: &Context,
    user: &User,
    answer: EnrolmentAnswer,
) -> Result<Added, AuthError> {
    let response = read(&answer.credential)?;
    let challenge = response.client_data.challenge();
    let waiting = challenges::find::<LoginMark>(auth, Purpose::PasskeyEnrolment, challenge).await?;
    let login = LoginMark::of(auth, context, user).await?;
    let owned = waiting.filter(|waiting| {
        let owner = waiting.owner.as_ref();
        // Adding one passkey ends what was issued before, and not the challenge of another tab:
        // its user is logged in. A new password ends it.
        let is_users = owner.is_some_and(|owner| owner.user.id == user.id);
        is_users && !waiting.has_new_password && waiting.data == login
    });
    let expired = || AuthError::form(Message::PasskeyEnrolmentExpired);
    let waiting = owned.ok_or_else(expired)?;
    if !challenges::consume(auth, &waiting).await? {
        return Err(expired());
    }
    let credential = verified(auth, &response)?;
    let id = credential.id.clone();
    let mut new = new_passkey(auth, context, user, credential, answer);
    let (codes, data) = first_codes(auth, user).await?.unzip();
    new.recovery_codes = data;
    let mails = notices::passkey_added(auth, context, user);
    let change = PlannedFactorChange::begin(auth, context, user, mails).await?;
    let most = auth.settings().passkeys.max_passkeys;
    let with_codes = match auth.store().add_passkey(&new, most, change.written()).await {
        Ok(PasskeyAddition::Added(added)) => added.with_codes,
        Ok(PasskeyAddition::TooMany) => return Err(too_many(most.unwrap_or_default())),
        Ok(PasskeyAddition::NotFound) => return Err(AuthError::NotFound),
        Err(StoreError::Taken(_)) => return Err(AuthError::form(Message::PasskeyTaken)),
        Err(error) => return Err(error.into()),
    };
    events::record(auth, &context.client, Event::PasskeyAdded { user: user.id });
    if with_codes {
        events::record(auth, &context.client, Event::RecoveryCodesGenerated { user: user.id });
    }
    let session = change.finish(auth);
    let mut passkey = auth.store().passkey(&id, &[user.id]).await?.ok_or(AuthError::NotFound)?;
    // Not every row of allauth has the time.
    passkey.created_at.get_or_insert(new.created_at);
    Ok(Added { passkey, recovery_codes: codes.filter(|_| with_codes), session })
}

/// What the browser says.
///
/// # Errors
/// [`AuthError::Invalid`] if it cannot be read.
pub(crate) fn read(credential: &Value) -> Result<RegistrationResponse, AuthError> {
    if !credential.is_object() {
        return Err(AuthError::form(Message::PasskeyFormat));
    }
    RegistrationResponse::read(credential).map_err(refused)
}

/// The credential of an answer whose challenge was one of ours.
///
/// # Errors
/// [`AuthError::Invalid`] if a check fails.
pub(crate) fn verified(
    auth: &Auth,
    response: &RegistrationResponse,
) -> Result<NewCredential, AuthError> {
    let party = relying_party::of(auth)?;
    let challenge = response.client_data.challenge();
    let user_verification = auth.settings().passkeys.user_verification.into();
    let expected = Expected { party: &party, challenge, user_verification };
    registration::verify(response, &expected).map_err(refused)
}

/// Recovery codes and their data, for a user who has none, where passkeys count as a second factor.
async fn first_codes(auth: &Auth, user: &User) -> Result<Option<(Vec<String>, Value)>, AuthError> {
    if !second_factor::passkeys_count(auth)
        || second_factor::of(auth, user.id).await?.has_recovery_codes()
    {
        return Ok(None);
    }
    Ok(Some(stored::new_recovery_codes(auth, user.id)))
}

pub(crate) fn new_passkey(
    auth: &Auth,
    context: &Context,
    user: &User,
    credential: NewCredential,
    answer: EnrolmentAnswer,
) -> NewPasskey {
    let EnrolmentAnswer { credential: said, name } = answer;
    NewPasskey {
        user_id: user.id,
        name: name.unwrap_or_else(|| "Passkey".to_owned()),
        credential,
        said,
        source: match auth.settings().passkeys.storage {
            PasskeyStorage::DjRestAuth => PasskeySource::DjRestAuth,
            PasskeyStorage::Allauth => PasskeySource::Allauth,
        },
        created_at: auth.now(),
        ip: TokenClient::from(&context.client).ip,
        recovery_codes: None,
    }
}

/// Looks whether the user may have one passkey more.
async fn check_room(auth: &Auth, user: &User) -> Result<(), AuthError> {
    let Some(most) = auth.settings().passkeys.max_passkeys else { return Ok(()) };
    let number = auth.store().passkeys_of(user.id).await?.len();
    let has_room = u32::try_from(number).is_ok_and(|number| number < most);
    if has_room { Ok(()) } else { Err(too_many(most)) }
}

fn too_many(most: u32) -> AuthError {
    AuthError::form(Message::TooManyPasskeys { most })
}

/// What is wrong is for the log: it helps nobody but those who try.
fn refused(reason: CeremonyError) -> AuthError {
    tracing::debug!(%reason, "a new passkey was refused");
    AuthError::form(Message::PasskeyEnrolmentFailed)
}
