//! `mfa/totp/activate/`, `mfa/totp/deactivate/` and `mfa/totp/deactivate/passkey/begin/`

use axum::http::{Method, StatusCode};
use rest_auth_domain::message::Message;
use rest_auth_flows::limits::Action;
use rest_auth_flows::mfa::activation::{self, Activated, TotpConfirmation};
use rest_auth_flows::mfa::deactivation::{self, Deactivated, PresentedFactor};
use serde_json::Value;

use crate::answers::{NewRecoveryCodes, RequestOptions, TotpSecret};
use crate::api_request::ApiRequest;
use crate::endpoint::outcome::PossibleAnswer;
use crate::endpoint::outcomes;
use crate::endpoint::tag::Tag;
use crate::endpoint::{Endpoint, Operation, SCOPE, handler};
use crate::error::ApiError;
use crate::form::{Checked, FormBody as _, current_password, form, json, text};
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

pub(crate) const TOTP_DEACTIVATE_BEGIN: Endpoint = Endpoint {
    path: "mfa/totp/deactivate/passkey/begin/",
    name: "Totp Deactivate Passkey Begin",
    description: "Begin to remove the authenticator app by a passkey: options for the browser.",
    tag: Tag::Mfa,
    allow: "POST, OPTIONS",
    access: Access::LoggedIn,
    scope: Some(SCOPE),
    form: None,
    operations: &[Operation::new(
        Method::POST,
        "beginTotpDeactivation",
        "Begin to remove the authenticator app by a passkey",
        handler!(begin_deactivation),
        begin_deactivation_answers,
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
    /// A code, or what the browser says about a passkey.
    pub(crate) struct TotpDeactivateForm(configuration) {
        code: Option<String> = text().required(!takes_passkeys(configuration)),
        credential: Option<Value> = json()
            .optional()
            .help("What a passkey says, in place of a code.")
            .offered(takes_passkeys(configuration)),
    }
}

fn takes_passkeys(configuration: Configuration<'_>) -> bool {
    configuration.accounts.mfa.takes_passkeys(&configuration.accounts.apps)
}

fn begin_answers(_: Configuration<'_>) -> Vec<PossibleAnswer> {
    vec![PossibleAnswer::json::<TotpSecret<'_>>(
        StatusCode::OK,
        "A new secret. It is not stored yet.",
    )]
}

fn activate_answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let done = "The app is set up. These recovery codes come with it.";
    let done = PossibleAnswer::json::<NewRecoveryCodes<'_>>(StatusCode::OK, done);
    let done = done.cookies(outcomes::renewed_session(configuration));
    let limits = [Action::Mfa, Action::Reauthenticate];
    let refused = outcomes::reauthentication(configuration);
    let limited = outcomes::limited(configuration, &limits);
    [done].into_iter().chain(refused).chain(limited).collect()
}

fn deactivate_answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let done = PossibleAnswer::sentence(StatusCode::OK, &Message::TotpDeactivated);
    let done = done.cookies(outcomes::renewed_session(configuration));
    [done].into_iter().chain(outcomes::limited(configuration, &[Action::Mfa])).collect()
}

fn begin_deactivation_answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let about = "The options, for `PublicKeyCredential.parseRequestOptionsFromJSON`.";
    let begun = PossibleAnswer::json::<RequestOptions<'_>>(StatusCode::OK, about);
    let deleted = PossibleAnswer::sentence(StatusCode::NOT_FOUND, &Message::NotFound)
        .describe("The account has been deleted in the meantime.");
    let limited = outcomes::limited(configuration, &[Action::Passkey]);
    [begun, deleted].into_iter().chain(limited).collect()
}

async fn begin(request: ApiRequest) -> Result<Reply, ApiError> {
    let begun = activation::begin(request.auth(), request.user()?);
    Ok(Reply::json(&TotpSecret::from(&begun)))
}

async fn activate(request: ApiRequest, form: Checked<TotpActivateForm>) -> Result<Reply, ApiError> {
    let Checked { fields, errors } = form;
    let TotpActivateForm { activation_token, code, current_password } = fields;
    let form = TotpConfirmation { activation_token, code, current_password };
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
    let Checked { fields: TotpDeactivateForm { code, credential }, errors } = form;
    let (auth, context, user) = (request.auth(), request.context(), request.user()?);
    let shown = PresentedFactor { code, credential };
    Ok(match deactivation::deactivate(auth, context, user, shown, errors).await? {
        Deactivated::NotEnabled => Reply::detail(StatusCode::BAD_REQUEST, Message::MfaNotEnabled),
        Deactivated::Done(session) => {
            Reply::detail(StatusCode::OK, Message::TotpDeactivated).renewing(session)
        }
    })
}

async fn begin_deactivation(request: ApiRequest) -> Result<Reply, ApiError> {
    let (auth, context, user) = (request.auth(), request.context(), request.user()?);
    let begun = deactivation::begin_with_passkey(auth, context, user).await?;
    Ok(Reply::json(&RequestOptions::new(&begun, &auth.settings().passkeys)))
}
