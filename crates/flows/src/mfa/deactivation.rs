//! A user removes their authenticator app, and the recovery codes with it unless they have a passkey
//! that counts as a second factor.

use rest_auth_domain::field_errors::FieldErrors;
use rest_auth_domain::message::Message;
use rest_auth_domain::webauthn::UserVerification;
use rest_auth_store::{AppRemoval, CodesEnd, FactorUsed, User};
use serde_json::Value;

use super::change::PlannedFactorChange;
use super::wrong_codes;
use crate::auth::Auth;
use crate::challenges::{self, Purpose};
use crate::context::Context;
use crate::current_session::OpenSession;
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::limits::{self, Action, LimitKey};
use crate::login::factor::Method;
use crate::login::passkey::{self, Asked, RequestOptions};
use crate::login::second_factor::{self, SecondFactors};
use crate::notices;
use crate::passkeys::relying_party;
use crate::reauthentication::LoginMark;
use crate::settings::mfa::DeactivationProof;

/// The user is logged in: the device alone is enough, as in the second step of a login.
const USER_VERIFICATION: UserVerification = UserVerification::Preferred;

/// The result of a deactivation.
#[derive(Debug)]
pub enum Deactivated {
    /// The user has no app.
    NotEnabled,
    /// It is removed. The session of the request continues, if the user's other credentials have
    /// ended.
    Done(Option<OpenSession>),
}

/// What the owner shows. A field that is not valid is absent.
#[derive(Debug, Default)]
pub struct PresentedFactor {
    /// A code of the app, or a recovery code.
    pub code: Option<String>,
    /// What a browser says of a passkey, in place of a code.
    pub credential: Option<Value>,
}

/// Removes the app, with what `mfa.deactivate_with` lists: a code, which is used up, or a passkey that
/// answers a challenge of [`begin_with_passkey`].
///
/// # Errors
/// [`AuthError::Invalid`] with `errors`, of `code`, of the passkey, or of both at once;
/// [`AuthError::Throttled`] after too many codes.
pub async fn deactivate(
    auth: &Auth,
    context: &Context,
    user: &User,
    shown: PresentedFactor,
    mut errors: FieldErrors,
) -> Result<Deactivated, AuthError> {
    let factors = second_factor::of(auth, user.id).await?;
    if factors.totp().is_none() {
        let reason = "there is no authenticator app";
        let refused = Event::SecondFactorRefused { user: Some(user.id), reason };
        events::record(auth, &context.client, refused);
        return Ok(Deactivated::NotEnabled);
    }
    let PresentedFactor { code, credential } = shown;
    let change = match (credential, code) {
        (Some(_), Some(_)) if takes_passkeys(auth) => {
            return Err(AuthError::form(Message::OneProof));
        }
        (Some(credential), None) if takes_passkeys(auth) => {
            errors.take("code");
            errors.into_result()?;
            by_passkey(auth, context, user, &credential).await?
        }
        (_, code) => {
            if code.is_none() && !errors.has("code") {
                errors.push("code", Message::Required);
            }
            errors.into_result()?;
            by_code(auth, context, user, &factors, &code.unwrap_or_default()).await?
        }
    };
    events::record(auth, &context.client, Event::TotpDeactivated { user: user.id });
    Ok(Deactivated::Done(change.finish(auth)))
}

/// Begins the removal by a passkey.
///
/// # Errors
/// [`AuthError::Invalid`] if the settings name no site; [`AuthError::Throttled`] after too many.
pub async fn begin_with_passkey(
    auth: &Auth,
    context: &Context,
    user: &User,
) -> Result<RequestOptions, AuthError> {
    limits::consume(auth, Action::Passkey, &LimitKey::at(&context.client).user(user.id)).await?;
    let party = relying_party::of(auth)?;
    let owner = auth.store().user_with_password(user.id).await?.ok_or(AuthError::NotFound)?;
    let lifetime = auth.settings().passkeys.challenge_timeout;
    let purpose = Purpose::PasskeyDeactivation;
    let login = LoginMark::of(auth, context, user).await?;
    let challenge = challenges::issue(auth, purpose, Some(&owner), &login, lifetime).await?;
    Ok(RequestOptions {
        rp_id: party.id,
        challenge,
        allow: auth.store().passkeys_of(user.id).await?,
        user_verification: USER_VERIFICATION,
        session_id: None,
    })
}

async fn by_code(
    auth: &Auth,
    context: &Context,
    user: &User,
    factors: &SecondFactors,
    code: &str,
) -> Result<PlannedFactorChange, AuthError> {
    let wrong =
        || wrong_codes::note(auth, context, user, Event::SecondFactorFailed { user: user.id });
    let key = LimitKey::at(&context.client).user(user.id);
    limits::consume(auth, Action::Mfa, &key).await?;
    let fitting = factors.fitting(auth, code).filter(|fitting| accepts(auth, fitting.method));
    let Some(fitting) = fitting else { return Err(wrong().await?) };
    let mails = notices::totp_deactivated(auth, context, user);
    let change = PlannedFactorChange::begin(auth, context, user, mails).await?;
    let usage = fitting.usage(auth, user.id, code, None);
    match auth.store().remove_factors(&usage, removal(auth), change.written()).await? {
        FactorUsed::Done => {}
        FactorUsed::Refused | FactorUsed::Spent => return Err(wrong().await?),
    }
    limits::reset(auth, Action::Mfa, &key).await?;
    Ok(change)
}

async fn by_passkey(
    auth: &Auth,
    context: &Context,
    user: &User,
    credential: &Value,
) -> Result<PlannedFactorChange, AuthError> {
    let response = passkey::read(credential)?;
    let challenge = response.client_data.challenge();
    let begun =
        challenges::find::<LoginMark>(auth, Purpose::PasskeyDeactivation, challenge).await?;
    let login = LoginMark::of(auth, context, user).await?;
    let own = begun.filter(|begun| {
        let is_users = begun.owner.as_ref().is_some_and(|owner| owner.user.id == user.id);
        is_users && !begun.is_over && begun.data == login
    });
    let expired = || AuthError::form(Message::PasskeyLoginExpired);
    let begun = own.ok_or_else(expired)?;
    if !challenges::consume(auth, &begun).await? {
        return Err(expired());
    }
    let passkey = auth.store().passkey(&response.id, &[user.id]).await?;
    let passkey = passkey.filter(|passkey| passkey.user_id == user.id);
    let passkey = passkey.ok_or_else(|| AuthError::form(Message::PasskeyNotFound))?;
    let asked = Asked { owner: user, challenge, user_verification: USER_VERIFICATION };
    passkey::answered(auth, context, &passkey, &response, asked).await?;
    let mails = notices::totp_deactivated(auth, context, user);
    let change = PlannedFactorChange::begin(auth, context, user, mails).await?;
    auth.store().remove_app(removal(auth), change.written()).await?;
    Ok(change)
}

fn takes_passkeys(auth: &Auth) -> bool {
    auth.settings().mfa.takes_passkeys(&auth.settings().apps)
}

fn removal(auth: &Auth) -> AppRemoval {
    // Passkeys that count keep their recovery codes.
    let has_counting = second_factor::passkeys_count(auth);
    let codes = if has_counting { CodesEnd::WithLastFactor } else { CodesEnd::WithApp };
    AppRemoval { codes, packages: second_factor::packages(auth) }
}

fn accepts(auth: &Auth, method: Method) -> bool {
    let accepted = &auth.settings().mfa.deactivate_with;
    match method {
        Method::Totp => accepted.contains(&DeactivationProof::Totp),
        Method::RecoveryCode => accepted.contains(&DeactivationProof::RecoveryCode),
        // No code is one.
        Method::Password
        | Method::Registration
        | Method::Provider
        | Method::MailedCode
        | Method::Passkey
        | Method::SecurityKey => false,
    }
}
