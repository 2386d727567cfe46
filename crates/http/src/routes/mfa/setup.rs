//! `mfa/setup/begin/` and `mfa/setup/complete/`: the second step of a login where the user must have
//! a second factor and has none (`mfa.required`).

use axum::http::{Method, StatusCode};
use rest_auth_flows::limits::Action;
use rest_auth_flows::login;

use crate::answers::TotpSecret;
use crate::api_request::ApiRequest;
use crate::endpoint::outcome::PossibleAnswer;
use crate::endpoint::outcomes;
use crate::endpoint::tag::Tag;
use crate::endpoint::{Endpoint, Operation, SCOPE, handler};
use crate::error::ApiError;
use crate::form::{FormBody as _, form, text};
use crate::reply::Reply;
use crate::rules::access::Access;
use crate::schemes;
use crate::settings::Configuration;

pub(crate) const MFA_SETUP_BEGIN: Endpoint = Endpoint {
    path: "mfa/setup/begin/",
    name: "Mfa Setup Begin",
    description: "Show a secret for an authenticator app, to a login that needs one set up.",
    tag: Tag::Mfa,
    allow: "POST, OPTIONS",
    access: Access::Anyone,
    scope: Some(SCOPE),
    form: Some(("POST", SetupBeginForm::declared)),
    operations: &[Operation::new(
        Method::POST,
        "beginMfaSetup",
        "Show a secret for an authenticator app",
        handler!(begin),
        begin_answers,
    )
    .checking_origin()],
};

pub(crate) const MFA_SETUP_COMPLETE: Endpoint = Endpoint {
    path: "mfa/setup/complete/",
    name: "Mfa Setup Complete",
    description: "Set an authenticator app up and complete the login that needs it.",
    tag: Tag::Mfa,
    allow: "POST, OPTIONS",
    access: Access::Anyone,
    scope: Some(SCOPE),
    form: Some(("POST", SetupCompleteForm::declared)),
    operations: &[Operation::new(
        Method::POST,
        "completeMfaSetup",
        "Set an authenticator app up and log in",
        handler!(complete),
        complete_answers,
    )
    .issuing_credentials()
    .checking_origin()],
};

form! {
    /// The token of the first step.
    pub(crate) struct SetupBeginForm(_) {
        ephemeral_token: String = text(),
    }
}

form! {
    /// The token of the first step, the one that came with the secret, and a code of the app.
    pub(crate) struct SetupCompleteForm(_) {
        ephemeral_token: String = text(),
        activation_token: String = text(),
        code: String = text(),
    }
}

fn begin_answers(_: Configuration<'_>) -> Vec<PossibleAnswer> {
    vec![PossibleAnswer::json::<TotpSecret<'_>>(
        StatusCode::OK,
        "A new secret. It is not stored yet.",
    )]
}

fn complete_answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let done = outcomes::first_credentials(configuration);
    [done].into_iter().chain(outcomes::limited(configuration, &[Action::Mfa])).collect()
}

async fn begin(request: ApiRequest, form: SetupBeginForm) -> Result<Reply, ApiError> {
    let begun = login::begin_set_up(request.auth(), &form.ephemeral_token).await?;
    Ok(Reply::json(&TotpSecret::from(&begun)))
}

async fn complete(request: ApiRequest, form: SetupCompleteForm) -> Result<Reply, ApiError> {
    let SetupCompleteForm { ephemeral_token, activation_token, code } = form;
    let (auth, context, token) = (request.auth(), request.context(), &ephemeral_token);
    let done = login::complete_set_up(auth, context, token, &activation_token, &code).await?;
    schemes::set_up(&request, done)
}
