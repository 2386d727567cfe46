//! An authenticator app is set up in two requests: the first shows a secret, the second confirms it
//! with a code. Nothing is stored between them.

use rest_auth_domain::field_errors::FieldErrors;
use rest_auth_domain::message::Message;
use rest_auth_domain::mfa::challenge::{self, Activation};
use rest_auth_domain::mfa::{TotpSecret, authenticator, otpauth, qr_code};
use rest_auth_store::{NewFactors, SetUp, User};
use serde_json::Value;

use super::change::{self, PlannedFactorChange};
use super::stored;
use crate::auth::Auth;
use crate::context::Context;
use crate::current_session::OpenSession;
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::limits::{self, Action, LimitKey};
use crate::login::second_factor;
use crate::notices;

/// A secret that is shown to a user. It has no `Debug`, because it holds secrets.
pub struct TotpSetup {
    /// The secret in base 32, for those who type it.
    pub secret: String,
    /// The address that an app reads.
    pub totp_url: String,
    /// The same as a picture, in a `data:` address.
    pub qr_code_data_uri: String,
    /// What the second request sends back.
    pub activation_token: String,
}

/// The second request. A field that is not valid is absent. It has no `Debug`, because it holds
/// secrets.
#[derive(Default)]
pub struct TotpConfirmation {
    /// The token of the first request.
    pub activation_token: Option<String>,
    /// A code of the app.
    pub code: Option<String>,
    /// The password of the account.
    pub current_password: Option<String>,
}

/// The result of an activation. It has no `Debug`, because it holds secrets.
pub enum Activated {
    /// The user has an app already.
    Already,
    /// The app is set up.
    Done {
        /// The recovery codes, which are shown once.
        recovery_codes: Vec<String>,
        /// The session of the request, if the user's other credentials have ended.
        session: Option<OpenSession>,
    },
}

/// Shows a new secret.
#[must_use]
pub fn begin(auth: &Auth, user: &User) -> TotpSetup {
    let secret = TotpSecret::generate(auth.random());
    let account = if user.email.is_empty() { &user.username } else { &user.email };
    let issuer = &auth.settings().mfa.totp_issuer;
    let totp_url = otpauth::uri(&secret, account, issuer, second_factor::shape(auth));
    let qr_code_data_uri = qr_code::data_uri(&totp_url).unwrap_or_default();
    let text = secret.base32().to_owned();
    let activation = Activation { user_id: user.id, secret };
    let activation_token = challenge::activation_token(&activation, auth.keys(), auth.now());
    TotpSetup { secret: text, totp_url, qr_code_data_uri, activation_token }
}

/// Sets the app up, with recovery codes.
///
/// # Errors
/// [`AuthError::Invalid`] with `errors` and whatever else is wrong with the fields;
/// [`AuthError::Throttled`] after too many codes.
pub async fn activate(
    auth: &Auth,
    context: &Context,
    user: &User,
    form: TotpConfirmation,
    errors: FieldErrors,
) -> Result<Activated, AuthError> {
    if second_factor::of(auth, user.id).await?.totp().is_some() {
        refused(auth, context, user, "there is an authenticator app already");
        return Ok(Activated::Already);
    }
    let TotpConfirmation { activation_token, code, current_password } = form;
    change::confirm(auth, context, user, current_password, errors).await?;
    let (token, code) = (activation_token.unwrap_or_default(), code.unwrap_or_default());
    let totp = confirmed(auth, context, user, &token, &code).await?;
    let (recovery_codes, data) = stored::new_recovery_codes(auth, user.id);
    let mails = notices::totp_activated(auth, context, user);
    let change = PlannedFactorChange::begin(auth, context, user, mails).await?;
    let new = NewFactors { totp: &totp, recovery_codes: &data, challenge: None };
    match auth.store().set_up_factors(new, change.written()).await? {
        SetUp::Done => {}
        SetUp::Already | SetUp::Spent => return Ok(Activated::Already),
    }
    events::record(auth, &context.client, Event::TotpActivated { user: user.id });
    Ok(Activated::Done { recovery_codes, session: change.finish(auth) })
}

/// The data of an app whose secret a code confirms.
///
/// # Errors
/// [`AuthError::Invalid`] of `activation_token` or `code`; [`AuthError::Throttled`] after too many
/// codes.
pub(crate) async fn confirmed(
    auth: &Auth,
    context: &Context,
    user: &User,
    token: &str,
    code: &str,
) -> Result<Value, AuthError> {
    let settings = &auth.settings().mfa;
    let age = i64::try_from(settings.ephemeral_token_timeout.as_secs()).unwrap_or(i64::MAX);
    let activation = challenge::read_activation_token(token, age, auth.keys(), auth.now());
    let Ok(Activation { user_id, secret }) = activation else {
        refused(auth, context, user, "the activation token is not valid");
        return Err(AuthError::field("activation_token", Message::ActivationTokenInvalid));
    };
    if user_id != user.id {
        refused(auth, context, user, "the activation token is that of somebody else");
        return Err(AuthError::field("activation_token", Message::ActivationTokenOfOther));
    }
    let key = LimitKey::at(&context.client).user(user.id);
    limits::consume(auth, Action::Mfa, &key).await?;
    let shape = second_factor::shape(auth);
    let Some(step) = authenticator::confirming_step(&secret, code, shape, auth.now()) else {
        return Err(AuthError::field("code", Message::InvalidActivationCode));
    };
    limits::reset(auth, Action::Mfa, &key).await?;
    let data = stored::totp(auth, user.id, &secret);
    if !settings.activation_uses_code {
        return Ok(data);
    }
    Ok(authenticator::after_step(&data, step).unwrap_or(data))
}

fn refused(auth: &Auth, context: &Context, user: &User, reason: &'static str) {
    let refused = Event::SecondFactorRefused { user: Some(user.id), reason };
    events::record(auth, &context.client, refused);
}
