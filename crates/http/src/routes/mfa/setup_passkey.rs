//! `mfa/setup/passkey/begin/` and `mfa/setup/passkey/complete/`: the second step of a login where
//! the user must have a second factor and has none (`mfa.required`), by a new passkey.

use axum::http::{Method, StatusCode};
use rest_auth_flows::limits::Action;
use rest_auth_flows::login;
use rest_auth_flows::passkeys::enrolment::EnrolmentAnswer;
use serde_json::Value;

use crate::answers::CreationOptions;
use crate::api_request::ApiRequest;
use crate::endpoint::outcome::PossibleAnswer;
use crate::endpoint::outcomes;
use crate::endpoint::tag::Tag;
use crate::endpoint::{Endpoint, Operation, SCOPE, handler};
use crate::error::ApiError;
use crate::form::{FormBody as _, form, json, text};
use crate::reply::Reply;
use crate::rules::access::Access;
use crate::schemes;
use crate::settings::Configuration;

pub(crate) const MFA_SETUP_PASSKEY_BEGIN: Endpoint = Endpoint {
    path: "mfa/setup/passkey/begin/",
    name: "Mfa Setup Passkey Begin",
    description: "Begin to add a passkey, to a login that needs a second factor set up.",
    tag: Tag::Mfa,
    allow: "POST, OPTIONS",
    access: Access::Anyone,
    scope: Some(SCOPE),
    form: Some(("POST", SetupPasskeyBeginForm::declared)),
    operations: &[Operation::new(
        Method::POST,
        "beginMfaSetupPasskey",
        "Begin to add a passkey to a login",
        handler!(begin),
        begin_answers,
    )
    .checking_origin()],
};

pub(crate) const MFA_SETUP_PASSKEY_COMPLETE: Endpoint = Endpoint {
    path: "mfa/setup/passkey/complete/",
    name: "Mfa Setup Passkey Complete",
    description: "Add a passkey and complete the login that needs it.",
    tag: Tag::Mfa,
    allow: "POST, OPTIONS",
    access: Access::Anyone,
    scope: Some(SCOPE),
    form: Some(("POST", SetupPasskeyCompleteForm::declared)),
    operations: &[Operation::new(
        Method::POST,
        "completeMfaSetupPasskey",
        "Add a passkey and log in",
        handler!(complete),
        complete_answers,
    )
    .issuing_credentials()
    .checking_origin()],
};

form! {
    /// The token of the first step.
    pub(crate) struct SetupPasskeyBeginForm(_) {
        ephemeral_token: String = text(),
    }
}

form! {
    /// The token of the first step, what the browser's `toJSON` says, and a name for the passkey.
    pub(crate) struct SetupPasskeyCompleteForm(_) {
        ephemeral_token: String = text(),
        credential: Option<Value> = json(),
        name: Option<String> = text().optional().at_most(255),
    }
}

fn begin_answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let about = "The options, for `PublicKeyCredential.parseCreationOptionsFromJSON`.";
    let begun = PossibleAnswer::json::<CreationOptions<'_>>(StatusCode::OK, about);
    [begun].into_iter().chain(outcomes::limited(configuration, &[Action::Passkey])).collect()
}

fn complete_answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    vec![outcomes::first_credentials(configuration)]
}

async fn begin(request: ApiRequest, form: SetupPasskeyBeginForm) -> Result<Reply, ApiError> {
    let (auth, context) = (request.auth(), request.context());
    let begun = login::begin_set_up_passkey(auth, context, &form.ephemeral_token).await?;
    Ok(Reply::json(&CreationOptions::new(&begun, &auth.settings().passkeys)))
}

async fn complete(request: ApiRequest, form: SetupPasskeyCompleteForm) -> Result<Reply, ApiError> {
    let SetupPasskeyCompleteForm { ephemeral_token, credential, name } = form;
    let answer = EnrolmentAnswer { credential: credential.unwrap_or_default(), name };
    let (auth, context, token) = (request.auth(), request.context(), &ephemeral_token);
    let done = login::complete_set_up_passkey(auth, context, token, answer).await?;
    schemes::set_up(&request, done)
}
