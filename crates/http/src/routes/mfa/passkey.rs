//! `mfa/passkey/begin/`: options for the second step of a login by a passkey.

use axum::http::{Method, StatusCode};
use rest_auth_flows::limits::Action;
use rest_auth_flows::login;

use crate::answers::RequestOptions;
use crate::api_request::ApiRequest;
use crate::endpoint::outcome::PossibleAnswer;
use crate::endpoint::outcomes;
use crate::endpoint::tag::Tag;
use crate::endpoint::{Endpoint, Operation, SCOPE, handler};
use crate::error::ApiError;
use crate::form::{FormBody as _, form, text};
use crate::reply::Reply;
use crate::rules::access::Access;
use crate::settings::Configuration;

pub(crate) const MFA_PASSKEY_BEGIN: Endpoint = Endpoint {
    path: "mfa/passkey/begin/",
    name: "Mfa Passkey Begin",
    description: "Begin the second step of a login by a passkey: options for the browser.",
    tag: Tag::Mfa,
    allow: "POST, OPTIONS",
    access: Access::Anyone,
    scope: Some(SCOPE),
    form: Some(("POST", MfaPasskeyForm::declared)),
    operations: &[Operation::new(
        Method::POST,
        "beginMfaPasskey",
        "Begin the second step by a passkey",
        handler!(begin),
        answers,
    )],
};

form! {
    /// The token of the first step.
    pub(crate) struct MfaPasskeyForm(_) {
        ephemeral_token: String = text(),
    }
}

fn answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let about = "The options, for `PublicKeyCredential.parseRequestOptionsFromJSON`.";
    let begun = PossibleAnswer::json::<RequestOptions<'_>>(StatusCode::OK, about);
    [begun].into_iter().chain(outcomes::limited(configuration, &[Action::Passkey])).collect()
}

async fn begin(request: ApiRequest, form: MfaPasskeyForm) -> Result<Reply, ApiError> {
    let (auth, context) = (request.auth(), request.context());
    let begun = login::begin_with_passkey(auth, context, &form.ephemeral_token).await?;
    Ok(Reply::json(&RequestOptions::new(&begun, &auth.settings().passkeys)))
}
