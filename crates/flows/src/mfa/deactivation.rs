//! A user removes their authenticator app, and the recovery codes with it.

use rest_auth_domain::field_errors::FieldErrors;
use rest_auth_domain::message::Message;
use rest_auth_store::{FactorUsed, User};

use super::change::Change;
use crate::auth::Auth;
use crate::context::Context;
use crate::current_session::OpenSession;
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::limits::{self, Action, LimitKey};
use crate::login::factor::Method;
use crate::login::second_factor;
use crate::notices;
use crate::settings::mfa::DeactivationProof;

/// The result of a deactivation.
#[derive(Debug)]
pub enum Deactivated {
    /// The user has no app.
    NotEnabled,
    /// It is removed. The session of the request continues, if the user's other credentials have
    /// ended.
    Done(Option<OpenSession>),
}

/// Removes the app, with a code that `mfa.deactivate_with` lists. The code is used up.
///
/// # Errors
/// [`AuthError::Invalid`] with `errors`, or of `code`; [`AuthError::Throttled`] after too many codes.
pub async fn deactivate(
    auth: &Auth,
    context: &Context,
    user: &User,
    code: Option<String>,
    errors: FieldErrors,
) -> Result<Deactivated, AuthError> {
    let factors = second_factor::of(auth, user.id).await?;
    if factors.totp().is_none() {
        let reason = "there is no authenticator app";
        let refused = Event::SecondFactorRefused { user: Some(user.id), reason };
        events::record(auth, &context.client, refused);
        return Ok(Deactivated::NotEnabled);
    }
    errors.into_result()?;
    let wrong = || {
        events::record(auth, &context.client, Event::SecondFactorFailed { user: user.id });
        AuthError::field("code", Message::InvalidCode)
    };
    let key = LimitKey::at(&context.client).user(user.id);
    limits::consume(auth, Action::Mfa, &key).await?;
    let code = code.unwrap_or_default();
    let fitting = factors.fitting(auth, &code).filter(|fitting| accepts(auth, fitting.method));
    let fitting = fitting.ok_or_else(wrong)?;
    let mails = notices::totp_deactivated(auth, context, user);
    let change = Change::begin(auth, context, user, mails).await?;
    let usage = fitting.usage(auth, user.id, &code, None);
    match auth.store().remove_factors(&usage, change.written()).await? {
        FactorUsed::Done => {}
        FactorUsed::Refused | FactorUsed::Spent => return Err(wrong()),
    }
    limits::reset(auth, Action::Mfa, &key).await?;
    events::record(auth, &context.client, Event::TotpDeactivated { user: user.id });
    Ok(Deactivated::Done(change.finish(auth)))
}

fn accepts(auth: &Auth, method: Method) -> bool {
    let accepted = &auth.settings().mfa.deactivate_with;
    match method {
        Method::Totp => accepted.contains(&DeactivationProof::Totp),
        Method::RecoveryCode => accepted.contains(&DeactivationProof::RecoveryCode),
        Method::Password
        | Method::Registration
        | Method::Provider
        | Method::Passkey
        | Method::SecurityKey => false,
    }
}
