//! `mfa/verify/`: the second step of a login.

use axum::http::{Method, StatusCode};
use rest_auth_domain::mfa::hashed_codes;
use rest_auth_flows::limits::Action;
use rest_auth_flows::login;
use rest_auth_flows::settings::mfa::RecoveryCodeStorage;

use crate::api_request::ApiRequest;
use crate::endpoint::outcome::Outcome;
use crate::endpoint::outcomes;
use crate::endpoint::tag::Tag;
use crate::endpoint::{Endpoint, Operation, handler};
use crate::error::ApiError;
use crate::form::{FormBody as _, form, text};
use crate::reply::Reply;
use crate::rules::access::Access;
use crate::schemes;
use crate::settings::Configuration;

/// The throttle scope of dj-rest-auth's view.
const SCOPE: &str = "dj_rest_auth_mfa_verify";

/// Characters of dj-rest-auth's recovery codes, which are the longest codes there.
const DJANGO_LENGTH: usize = 9;

pub(crate) const MFA_VERIFY: Endpoint = Endpoint {
    path: "mfa/verify/",
    name: "Mfa Verify",
    description: "Complete a login with a code of the authenticator app or a recovery code.",
    tag: Tag::Mfa,
    allow: "POST, OPTIONS",
    access: Access::Anyone,
    scope: Some(SCOPE),
    form: Some(("POST", MfaVerifyForm::declared)),
    operations: &[Operation::new(
        Method::POST,
        "verifySecondFactor",
        "Complete a login with the second factor",
        handler!(verify),
        answers,
    )
    .checking_origin()],
};

form! {
    /// The token of the first step, and a code.
    pub(crate) struct MfaVerifyForm(configuration) {
        ephemeral_token: String = text(),
        code: String = text().at_most(longest_code(configuration)),
    }
}

fn longest_code(configuration: Configuration<'_>) -> usize {
    match configuration.accounts.mfa.recovery_codes {
        RecoveryCodeStorage::Django => DJANGO_LENGTH,
        RecoveryCodeStorage::Hashed => hashed_codes::LONGEST,
    }
}

fn answers(configuration: Configuration<'_>) -> Vec<Outcome> {
    let done = outcomes::credentials(configuration, StatusCode::OK);
    [done].into_iter().chain(outcomes::limited(configuration, &[Action::Mfa])).collect()
}

async fn verify(request: ApiRequest, form: MfaVerifyForm) -> Result<Reply, ApiError> {
    let MfaVerifyForm { ephemeral_token, code } = form;
    let (auth, context) = (request.auth(), request.context());
    let outcome = login::with_code(auth, context, &ephemeral_token, &code).await?;
    schemes::logged_in(&request, outcome)
}
