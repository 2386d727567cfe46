//! `passkeys/register/begin/` and `passkeys/register/complete/`

use axum::http::{Method, StatusCode};
use rest_auth_domain::message::Message;
use rest_auth_flows::limits::Action;
use rest_auth_flows::passkeys::enrolment::{self, EnrolmentAnswer};
use serde_json::Value;

use super::details;
use crate::answers::{CreationOptions, PasskeyDetails};
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

pub(crate) const PASSKEY_REGISTER_BEGIN: Endpoint = Endpoint {
    path: "passkeys/register/begin/",
    name: "Passkey Register Begin",
    description: "Begin to add a passkey: options for the browser.",
    tag: Tag::Passkeys,
    allow: "POST, OPTIONS",
    access: Access::LoggedIn,
    scope: Some(SCOPE),
    form: Some(("POST", RegisterBeginForm::declared)),
    operations: &[Operation::new(
        Method::POST,
        "beginPasskey",
        "Begin to add a passkey",
        handler!(begin),
        begin_answers,
    )],
};

pub(crate) const PASSKEY_REGISTER_COMPLETE: Endpoint = Endpoint {
    path: "passkeys/register/complete/",
    name: "Passkey Register Complete",
    description: "Add the passkey that a device has made.",
    tag: Tag::Passkeys,
    allow: "POST, OPTIONS",
    access: Access::LoggedIn,
    scope: Some(SCOPE),
    form: Some(("POST", RegisterCompleteForm::declared)),
    operations: &[Operation::new(
        Method::POST,
        "addPasskey",
        "Add a passkey",
        handler!(complete),
        complete_answers,
    )],
};

form! {
    /// The name, which dj-rest-auth asks for and does not use, and the password where changes need it.
    pub(crate) struct RegisterBeginForm(configuration) {
        name: String = text().optional().at_most(255),
        current_password: Option<String> = current_password(configuration),
    }
}

form! {
    /// What the browser's `toJSON` says, and a name for the passkey.
    pub(crate) struct RegisterCompleteForm(_) {
        credential: Option<Value> = json(),
        name: Option<String> = text().optional().at_most(255),
    }
}

fn begin_answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let about = "The options, for `PublicKeyCredential.parseCreationOptionsFromJSON`.";
    let begun = PossibleAnswer::json::<CreationOptions<'_>>(StatusCode::OK, about);
    let deleted = PossibleAnswer::sentence(StatusCode::NOT_FOUND, &Message::NotFound)
        .describe("The account has been deleted in the meantime.");
    let actions = [Action::Passkey, Action::Reauthenticate];
    let refused = outcomes::reauthentication(configuration);
    let limited = outcomes::limited(configuration, &actions);
    [begun, deleted].into_iter().chain(refused).chain(limited).collect()
}

fn complete_answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let added = PossibleAnswer::json::<PasskeyDetails<'_>>(StatusCode::CREATED, "The passkey.");
    let deleted = PossibleAnswer::sentence(StatusCode::NOT_FOUND, &Message::NotFound)
        .describe("The account has been deleted in the meantime.");
    vec![added.cookies(outcomes::renewed_session(configuration)), deleted]
}

async fn begin(request: ApiRequest, form: Checked<RegisterBeginForm>) -> Result<Reply, ApiError> {
    let Checked { fields: RegisterBeginForm { name: _, current_password }, errors } = form;
    let (auth, context, user) = (request.auth(), request.context(), request.user()?);
    let begun = enrolment::begin(auth, context, user, current_password, errors).await?;
    Ok(Reply::json(&CreationOptions::new(&begun, &auth.settings().passkeys)))
}

async fn complete(request: ApiRequest, form: RegisterCompleteForm) -> Result<Reply, ApiError> {
    let RegisterCompleteForm { credential, name } = form;
    let answer = EnrolmentAnswer { credential: credential.unwrap_or_default(), name };
    let (auth, context, user) = (request.auth(), request.context(), request.user()?);
    let added = enrolment::complete(auth, context, user, answer).await?;
    let recovery_codes = added.recovery_codes.as_deref();
    let new = PasskeyDetails { recovery_codes, ..details(&request, &added.passkey) };
    Ok(Reply::json(&new).status(StatusCode::CREATED).renewing(added.session))
}
