//! `mfa/verify/`: the second step of a login.

use axum::http::{Method, StatusCode};
use rest_auth_domain::mfa::hashed_codes;
use rest_auth_flows::limits::Action;
use rest_auth_flows::login::{self, Browser, ShownFactor};
use rest_auth_flows::settings::mfa::{RecoveryCodeStorage, RequiredOf};
use serde_json::Value;

use crate::api_request::ApiRequest;
use crate::endpoint::outcome::PossibleAnswer;
use crate::endpoint::outcomes;
use crate::endpoint::tag::Tag;
use crate::endpoint::{Endpoint, Operation, handler};
use crate::error::ApiError;
use crate::form::{Checked, FormBody as _, boolean, form, json, text};
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
    description: "Complete a login with a code of the authenticator app, a recovery code, a mailed code or a passkey.",
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
    .issuing_credentials()
    .checking_origin()],
};

form! {
    /// The token of the first step, and a code, or what the browser says about a passkey.
    pub(crate) struct MfaVerifyForm(configuration) {
        ephemeral_token: String = text(),
        code: Option<String> = text()
            .required(!configuration.accounts.apps.passkeys)
            .at_most(longest_code(configuration)),
        credential: Option<Value> = json()
            .optional()
            .help("What a passkey says, in place of a code.")
            .offered(configuration.accounts.apps.passkeys),
        trust_browser: Option<bool> = boolean()
            .help("Ask this browser for no second factor from now on.")
            .offered(configuration.accounts.mfa.trust_enabled),
    }
}

fn longest_code(configuration: Configuration<'_>) -> usize {
    let mfa = &configuration.accounts.mfa;
    let recovery_code = match mfa.recovery_codes {
        RecoveryCodeStorage::Django if mfa.allauth_factors => {
            DJANGO_LENGTH.max(mfa.recovery_code_digits as usize)
        }
        RecoveryCodeStorage::Django => DJANGO_LENGTH,
        RecoveryCodeStorage::Hashed => hashed_codes::LONGEST,
    };
    let mailed = configuration.accounts.account.password_reset_by_code_code_format.0;
    recovery_code.max(mailed.shown_length())
}

fn answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let mut done = outcomes::credentials(configuration, StatusCode::OK);
    let mfa = &configuration.accounts.mfa;
    done.cookies.extend(mfa.trust_enabled.then(|| mfa.trust_cookie_name.clone()));
    // After a mailed code, which is no second factor, one may have to be set up.
    let sets_up = mfa.required != RequiredOf::Never;
    let step = outcomes::second_step(configuration, StatusCode::OK).filter(|_| sets_up);
    let limited = outcomes::limited(configuration, &[Action::Mfa]);
    [done].into_iter().chain(step).chain(limited).collect()
}

async fn verify(request: ApiRequest, form: Checked<MfaVerifyForm>) -> Result<Reply, ApiError> {
    let Checked { fields, errors } = form;
    let MfaVerifyForm { ephemeral_token, code, credential, trust_browser } = fields;
    let browser = if trust_browser == Some(true) { Browser::Trusted } else { Browser::AsItIs };
    let (auth, context, token) = (request.auth(), request.context(), &ephemeral_token);
    let shown = ShownFactor { code, credential, browser };
    let outcome = login::with_second_factor(auth, context, token, shown, errors).await?;
    schemes::logged_in(&request, outcome)
}
