//! An authenticator app is set up in two requests: the first shows a secret, the second confirms it
//! with a code. Nothing is stored between them. What the second one used works no more, or it would
//! set up a secret again that its user has removed.

use std::time::Duration;

use rest_auth_domain::clock::after;
use rest_auth_domain::field_errors::FieldErrors;
use rest_auth_domain::message::Message;
use rest_auth_domain::mfa::challenge::{self, Activation};
use rest_auth_domain::mfa::{TotpSecret, authenticator, otpauth, qr_code};
use rest_auth_domain::opaque_token::digest_of;
use rest_auth_store::{
    Authenticator, NewFactors, NewOneTime, SetUp, SetUpTerms, StoreError, Unique, User,
};
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

/// The kind of the rows of `rest_auth_one_time` that keep which tokens were used.
const USED: &str = "totp_activation";
/// How much longer a used token is known than it would work: the clocks of instances differ.
const MARGIN: Duration = Duration::from_mins(1);

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
    let app = confirmed(auth, context, user, &token, &code).await?;
    let (recovery_codes, data) = stored::new_recovery_codes(auth, user.id);
    let mails = notices::totp_activated(auth, context, user);
    let change = PlannedFactorChange::begin(auth, context, user, mails).await?;
    let may = |all: &[Authenticator]| {
        second_factor::those_that_count(auth, user.id, all.to_vec()).totp().is_none()
    };
    let terms = SetUpTerms { login: None, tables: second_factor::tables(auth), may: &may };
    if !set_up(auth, &app, &data, terms, &change).await? {
        return Ok(Activated::Already);
    }
    events::record(auth, &context.client, Event::TotpActivated { user: user.id });
    Ok(Activated::Done { recovery_codes, session: change.finish(auth) })
}

/// An app whose secret a code has confirmed. It has no `Debug`, because it holds secrets.
pub(crate) struct ConfirmedApp {
    /// Its data.
    data: Value,
    /// What keeps its token from being used again.
    activation: NewOneTime,
}

/// Sets a confirmed app up. `false`: the terms do not allow it.
///
/// # Errors
/// [`AuthError::Invalid`] of `activation_token` if it was used before.
pub(crate) async fn set_up(
    auth: &Auth,
    app: &ConfirmedApp,
    recovery_codes: &Value,
    terms: SetUpTerms<'_>,
    change: &PlannedFactorChange,
) -> Result<bool, AuthError> {
    let ConfirmedApp { data, activation } = app;
    let new = NewFactors { totp: data, recovery_codes, activation };
    match auth.store().set_up_factors(new, terms, change.written()).await {
        Ok(SetUp::Done) => Ok(true),
        Ok(SetUp::Already | SetUp::Spent) => Ok(false),
        Err(StoreError::Taken(Unique::Token)) => Err(not_valid()),
        Err(error) => Err(error.into()),
    }
}

/// The app whose secret a code confirms.
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
) -> Result<ConfirmedApp, AuthError> {
    let settings = &auth.settings().mfa;
    let age = i64::try_from(settings.ephemeral_token_timeout.as_secs()).unwrap_or(i64::MAX);
    let activation = challenge::read_activation_token(token, age, auth.keys(), auth.now());
    let Ok(Activation { user_id, secret }) = activation else {
        refused(auth, context, user, "the activation token is not valid");
        return Err(not_valid());
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
    let activation = used(auth, user, token);
    let data = stored::totp(auth, user.id, &secret);
    if !settings.activation_uses_code {
        return Ok(ConfirmedApp { data, activation });
    }
    let data = authenticator::after_step(&data, step).unwrap_or(data);
    Ok(ConfirmedApp { data, activation })
}

/// The row of a token that is used: its digest can be kept once.
fn used(auth: &Auth, user: &User, token: &str) -> NewOneTime {
    let now = auth.now();
    NewOneTime {
        kind: USED.to_owned(),
        digest: digest_of(token),
        user_id: Some(user.id),
        epoch: user.epoch,
        data: String::new(),
        created_at: now,
        expires_at: after(now, auth.settings().mfa.ephemeral_token_timeout + MARGIN),
    }
}

fn not_valid() -> AuthError {
    AuthError::field("activation_token", Message::ActivationTokenInvalid)
}

fn refused(auth: &Auth, context: &Context, user: &User, reason: &'static str) {
    let refused = Event::SecondFactorRefused { user: Some(user.id), reason };
    events::record(auth, &context.client, refused);
}
