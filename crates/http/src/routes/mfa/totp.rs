//! `mfa/totp/activate/` and `mfa/totp/deactivate/`

use axum::http::{Method, StatusCode};
use rest_auth_domain::message::Message;
use rest_auth_flows::limits::Action;
use rest_auth_flows::mfa::activation::{self, Activated, Confirmation};
use rest_auth_flows::mfa::deactivation::{self, Deactivated};

use crate::answers::{NewRecoveryCodes, TotpSecret};
use crate::api_request::ApiRequest;
use crate::endpoint::outcome::Outcome;
use crate::endpoint::outcomes;
use crate::endpoint::tag::Tag;
use crate::endpoint::{Endpoint, Operation, SCOPE, handler};
use crate::error::ApiError;
use crate::form::{Checked, FormBody as _, current_password, form, text};
use crate::reply::Reply;
use crate::rules::access::Access;
use crate::settings::Configuration;

pub(crate) const TOTP_ACTIVATE: Endpoint = Endpoint {
    path: "mfa/totp/activate/",
    name: "Totp Activate",
    description: "Show a secret for an authenticator app, and set the app up with a code of it.",
    tag: Tag::Mfa,
    allow: "GET, POST, HEAD, OPTIONS",
    access: Access::LoggedIn,
    scope: Some(SCOPE),
    form: Some(("POST", TotpActivateForm::declared)),
    operations: &[
        Operation::new(
            Method::GET,
            "beginTotp",
            "Show a secret for an authenticator app",
            handler!(begin),
            begin_answers,
        ),
        Operation::new(
            Method::POST,
            "activateTotp",
            "Set an authenticator app up",
            handler!(activate),
            activate_answers,
        ),
    ],
};

pub(crate) const TOTP_DEACTIVATE: Endpoint = Endpoint {
    path: "mfa/totp/deactivate/",
    name: "Totp Deactivate",
    description: "Remove the authenticator app and the recovery codes.",
    tag: Tag::Mfa,
    allow: "POST, OPTIONS",
    access: Access::LoggedIn,
    scope: Some(SCOPE),
    form: Some(("POST", TotpDeactivateForm::declared)),
    operations: &[Operation::new(
        Method::POST,
        "deactivateTotp",
        "Remove the authenticator app",
        handler!(deactivate),
        deactivate_answers,
    )],
};

form! {
    /// The token that came with the secret, and a code of the app.
    pub(crate) struct TotpActivateForm(configuration) {
        activation_token: Option<String> = text(),
        code: Option<String> = text(),
        current_password: Option<String> = current_password(configuration),
    }
}

form! {
    /// A code.
    pub(crate) struct TotpDeactivateForm(_) {
        code: Option<String> = text(),
    }
}

fn begin_answers(_: Configuration<'_>) -> Vec<Outcome> {
    vec![Outcome::json::<TotpSecret<'_>>(StatusCode::OK, "A new secret. It is not stored yet.")]
}

fn activate_answers(configuration: Configuration<'_>) -> Vec<Outcome> {
    let done = "The app is set up. These recovery codes come with it.";
    let done = Outcome::json::<NewRecoveryCodes<'_>>(StatusCode::OK, done);
    let done = done.cookies(outcomes::renewed_session(configuration));
    let limits = [Action::Mfa, Action::Reauthenticate];
    let refused = outcomes::reauthentication(configuration);
    let limited = outcomes::limited(configuration, &limits);
    [done].into_iter().chain(refused).chain(limited).collect()
}

fn deactivate_answers(configuration: Configuration<'_>) -> Vec<Outcome> {
    let done = Outcome::sentence(StatusCode::OK, &Message::TotpDeactivated);
    let done = done.cookies(outcomes::renewed_session(configuration));
    [done].into_iter().chain(outcomes::limited(configuration, &[Action::Mfa])).collect()
}

async fn begin(request: ApiRequest) -> Result<Reply, ApiError> {
    let begun = activation::begin(request.auth(), request.user()?);
    Ok(Reply::json(&TotpSecret::from(&begun)))
}

async fn activate(request: ApiRequest, form: Checked<TotpActivateForm>) -> Result<Reply, ApiError> {
    let Checked { fields, errors } = form;
    let TotpActivateForm { activation_token, code, current_password } = fields;
    let form = Confirmation { activation_token, code, current_password };
    let (auth, context, user) = (request.auth(), request.context(), request.user()?);
    Ok(match activation::activate(auth, context, user, form, errors).await? {
        Activated::Already => Reply::detail(StatusCode::BAD_REQUEST, Message::MfaAlreadyEnabled),
        Activated::Done { recovery_codes, session } => {
            Reply::json(&NewRecoveryCodes { recovery_codes: &recovery_codes }).renewing(session)
        }
    })
}

async fn deactivate(
    request: ApiRequest,
    form: Checked<TotpDeactivateForm>,
) -> Result<Reply, ApiError> {
    let Checked { fields: TotpDeactivateForm { code }, errors } = form;
    let (auth, context, user) = (request.auth(), request.context(), request.user()?);
    Ok(match deactivation::deactivate(auth, context, user, code, errors).await? {
        Deactivated::NotEnabled => Reply::detail(StatusCode::BAD_REQUEST, Message::MfaNotEnabled),
        Deactivated::Done(session) => {
            Reply::detail(StatusCode::OK, Message::TotpDeactivated).renewing(session)
        }
    })
}
