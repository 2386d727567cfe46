//! `passkeys/login/begin/` and `passkeys/login/complete/`

use axum::http::{Method, StatusCode};
use rest_auth_flows::limits::Action;
use rest_auth_flows::login::passkey::{self, PasskeyLogin};
use serde_json::Value;

use crate::answers::RequestOptions;
use crate::api_request::ApiRequest;
use crate::endpoint::outcome::PossibleAnswer;
use crate::endpoint::outcomes;
use crate::endpoint::tag::Tag;
use crate::endpoint::{Endpoint, Operation, SCOPE, handler};
use crate::error::ApiError;
use crate::form::{FormBody as _, email, email_address, form, json, session_id, text};
use crate::reply::Reply;
use crate::rules::access::Access;
use crate::schemes;
use crate::settings::Configuration;

pub(crate) const PASSKEY_LOGIN_BEGIN: Endpoint = Endpoint {
    path: "passkeys/login/begin/",
    name: "Passkey Login Begin",
    description: "Begin a login by passkey: options for the browser. No user name is needed.",
    tag: Tag::Passkeys,
    allow: "POST, OPTIONS",
    access: Access::Anyone,
    scope: Some(SCOPE),
    form: Some(("POST", LoginBeginForm::declared)),
    operations: &[Operation::new(
        Method::POST,
        "beginPasskeyLogin",
        "Begin a login by passkey",
        handler!(begin),
        begin_answers,
    )],
};

pub(crate) const PASSKEY_LOGIN_COMPLETE: Endpoint = Endpoint {
    path: "passkeys/login/complete/",
    name: "Passkey Login Complete",
    description: "Check the answer of a passkey and return credentials for later requests, as `login/` does.",
    tag: Tag::Passkeys,
    allow: "POST, OPTIONS",
    access: Access::Anyone,
    scope: Some(SCOPE),
    form: Some(("POST", LoginCompleteForm::declared)),
    operations: &[Operation::new(
        Method::POST,
        "completePasskeyLogin",
        "Log in by passkey",
        handler!(complete),
        complete_answers,
    )
    .issuing_credentials()
    .checking_origin()],
};

form! {
    /// The name or the address of a user whose passkeys are to be listed.
    pub(crate) struct LoginBeginForm(_) {
        username: String = text().optional().blankable(),
        #[validate(custom(function = "email_address"))]
        email: String = email().optional().blankable(),
    }
}

form! {
    /// What the browser's `toJSON` says, and what the options came with.
    pub(crate) struct LoginCompleteForm(_) {
        credential: Option<Value> = json(),
        #[validate(custom(function = "session_id"))]
        session_id: String = text(),
    }
}

fn begin_answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let about = "The options, for `PublicKeyCredential.parseRequestOptionsFromJSON`.";
    let begun = PossibleAnswer::json::<RequestOptions<'_>>(StatusCode::OK, about);
    [begun].into_iter().chain(outcomes::limited(configuration, &[Action::Passkey])).collect()
}

fn complete_answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let done = outcomes::credentials(configuration, StatusCode::OK);
    let step = outcomes::second_step(configuration, StatusCode::OK);
    let limited = outcomes::limited(configuration, &[Action::Login]);
    [done].into_iter().chain(step).chain(limited).collect()
}

async fn begin(request: ApiRequest, form: LoginBeginForm) -> Result<Reply, ApiError> {
    let LoginBeginForm { username, email } = form;
    let (auth, context) = (request.auth(), request.context());
    let begun = passkey::begin(auth, context, &username, &email).await?;
    Ok(Reply::json(&RequestOptions::new(&begun, &auth.settings().passkeys)))
}

async fn complete(request: ApiRequest, form: LoginCompleteForm) -> Result<Reply, ApiError> {
    let LoginCompleteForm { credential, session_id } = form;
    let login = PasskeyLogin { credential: credential.unwrap_or_default(), session_id };
    let outcome = passkey::with_passkey(request.auth(), request.context(), login).await?;
    schemes::logged_in(&request, outcome)
}
