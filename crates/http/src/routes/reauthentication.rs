//! `reauthenticate/` and `reauthenticate/passkey/begin/`: the user proves again who they are.

use axum::http::{Method, StatusCode};
use chrono::{DateTime, Utc};
use rest_auth_domain::datetime;
use rest_auth_domain::field_errors::FieldErrors;
use rest_auth_domain::message::Message;
use rest_auth_domain::mfa::hashed_codes;
use rest_auth_flows::limits::Action;
use rest_auth_flows::reauthentication::{self, Proof};
use serde_json::Value;

use super::password_change;
use crate::answers::{Reauthenticated, ReauthenticationStatus, RequestOptions};
use crate::api_request::ApiRequest;
use crate::endpoint::outcome::PossibleAnswer;
use crate::endpoint::outcomes;
use crate::endpoint::tag::Tag;
use crate::endpoint::{Endpoint, Operation, SCOPE, handler};
use crate::error::ApiError;
use crate::form::{FormBody as _, form, json, session_id as is_session_id, text};
use crate::reply::Reply;
use crate::rules::access::Access;
use crate::settings::Configuration;

pub(crate) const REAUTHENTICATE: Endpoint = Endpoint {
    path: "reauthenticate/",
    name: "Reauthenticate",
    description: "Show how fresh the last proof of who the user is is, or take a new one.",
    tag: Tag::Sessions,
    allow: "GET, POST, HEAD, OPTIONS",
    access: Access::LoggedIn,
    scope: Some(SCOPE),
    form: Some(("POST", ReauthenticateForm::declared)),
    operations: &[
        Operation::new(
            Method::GET,
            "getReauthentication",
            "Show how fresh the last proof is",
            handler!(show),
            show_answers,
        ),
        Operation::new(
            Method::POST,
            "reauthenticate",
            "Prove again who the user is",
            handler!(prove),
            prove_answers,
        ),
    ],
};

pub(crate) const REAUTHENTICATE_PASSKEY_BEGIN: Endpoint = Endpoint {
    path: "reauthenticate/passkey/begin/",
    name: "Reauthenticate Passkey Begin",
    description: "Begin a proof by a passkey: options for the browser.",
    tag: Tag::Sessions,
    allow: "POST, OPTIONS",
    access: Access::LoggedIn,
    scope: Some(SCOPE),
    form: None,
    operations: &[Operation::new(
        Method::POST,
        "beginPasskeyReauthentication",
        "Begin a proof by a passkey",
        handler!(begin),
        begin_answers,
    )],
};

form! {
    /// One proof: the password, a code, or what a passkey says.
    pub(crate) struct ReauthenticateForm(configuration) {
        password: Option<String> = text().optional().at_most(password_change::MAX_LENGTH),
        code: Option<String> = text()
            .optional()
            .at_most(hashed_codes::LONGEST)
            .help("A code of the authenticator app, or a recovery code.")
            .offered(configuration.accounts.apps.mfa),
        credential: Option<Value> = json()
            .optional()
            .help("What the browser's `toJSON` says about a passkey.")
            .offered(configuration.accounts.apps.passkeys),
        #[validate(custom(function = "is_session_id"))]
        session_id: Option<String> = text()
            .optional()
            .help("What the options for the passkey came with.")
            .offered(configuration.accounts.apps.passkeys),
    }
}

fn show_answers(_: Configuration<'_>) -> Vec<PossibleAnswer> {
    let about = "What the user can prove, and until when the last proof is good.";
    vec![PossibleAnswer::json::<ReauthenticationStatus>(StatusCode::OK, about)]
}

fn prove_answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let done = PossibleAnswer::json::<Reauthenticated>(StatusCode::OK, "The proof is accepted.");
    let deleted = PossibleAnswer::sentence(StatusCode::NOT_FOUND, &Message::NotFound)
        .describe("The account has been deleted in the meantime.");
    let limited = outcomes::limited(configuration, &[Action::Reauthenticate, Action::Mfa]);
    [done, deleted].into_iter().chain(limited).collect()
}

fn begin_answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let about = "The options, for `PublicKeyCredential.parseRequestOptionsFromJSON`.";
    let begun = PossibleAnswer::json::<RequestOptions<'_>>(StatusCode::OK, about);
    let unset = PossibleAnswer::json::<crate::answers::FieldErrors<'_>>(
        StatusCode::BAD_REQUEST,
        "`passkeys.rp_id` is not set, or the request has no login that a proof could be kept with.",
    );
    let deleted = PossibleAnswer::sentence(StatusCode::NOT_FOUND, &Message::NotFound)
        .describe("The account has been deleted in the meantime.");
    let limited = outcomes::limited(configuration, &[Action::Passkey]);
    [begun, unset, deleted].into_iter().chain(limited).collect()
}

async fn show(request: ApiRequest) -> Result<Reply, ApiError> {
    let (auth, context, user) = (request.auth(), request.context(), request.user()?);
    let standing = reauthentication::standing(auth, context, user).await?;
    Ok(Reply::json(&ReauthenticationStatus::new(&standing, |time| written(&request, time))))
}

async fn prove(request: ApiRequest, form: ReauthenticateForm) -> Result<Reply, ApiError> {
    let (auth, context, user) = (request.auth(), request.context(), request.user()?);
    let until = reauthentication::prove(auth, context, user, proof(form)?).await?;
    Ok(Reply::json(&Reauthenticated { reauthenticated_until: written(&request, until) }))
}

/// The proof of a form, which needs exactly one.
fn proof(form: ReauthenticateForm) -> Result<Proof, FieldErrors> {
    let ReauthenticateForm { password, code, credential, session_id } = form;
    match (password, code, credential) {
        (Some(password), None, None) => Ok(Proof::Password(password)),
        (None, Some(code), None) => Ok(Proof::Code(code)),
        (None, None, Some(credential)) => {
            let missing = || FieldErrors::of("session_id", Message::Required);
            let session_id = session_id.ok_or_else(missing)?;
            Ok(Proof::Passkey { credential, session_id })
        }
        (None, None, None) => Err(FieldErrors::of("password", Message::Required)),
        _ => Err(FieldErrors::form(Message::OneProof)),
    }
}

async fn begin(request: ApiRequest) -> Result<Reply, ApiError> {
    let (auth, context, user) = (request.auth(), request.context(), request.user()?);
    let begun = reauthentication::begin_with_passkey(auth, context, user).await?;
    Ok(Reply::json(&RequestOptions::new(&begun, &auth.settings().passkeys)))
}

fn written(request: &ApiRequest, time: DateTime<Utc>) -> String {
    datetime::in_zone(time, request.auth().settings().i18n.time_zone)
}
