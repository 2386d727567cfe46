//! `mfa/recovery-codes/` and `mfa/recovery-codes/regenerate/`

use axum::http::{Method, StatusCode};
use rest_auth_domain::message::Message;
use rest_auth_flows::limits::Action;
use rest_auth_flows::mfa::recovery::{self, Regenerated};
use rest_auth_flows::settings::mfa::RecoveryCodeStorage;

use crate::answers::{RecoveryCodes, count};
use crate::api_request::ApiRequest;
use crate::endpoint::outcome::PossibleAnswer;
use crate::endpoint::outcomes;
use crate::endpoint::tag::Tag;
use crate::endpoint::{Endpoint, Operation, SCOPE, handler};
use crate::error::ApiError;
use crate::form::{
    Checked, FieldKind, FormBody as _, ShownOnly, current_password, form, read_only,
};
use crate::reply::Reply;
use crate::rules::access::Access;
use crate::settings::Configuration;

pub(crate) const RECOVERY_CODES: Endpoint = Endpoint {
    path: "mfa/recovery-codes/",
    name: "Recovery Codes",
    description: "Show the recovery codes that can still be used, or how many there are.",
    tag: Tag::Mfa,
    allow: "POST, OPTIONS",
    access: Access::LoggedIn,
    scope: Some(SCOPE),
    form: Some(("POST", RecoveryCodesForm::declared)),
    operations: &[Operation::new(
        Method::POST,
        "showRecoveryCodes",
        "Show the recovery codes",
        handler!(show),
        show_answers,
    )],
};

pub(crate) const RECOVERY_CODES_REGENERATE: Endpoint = Endpoint {
    path: "mfa/recovery-codes/regenerate/",
    name: "Recovery Codes Regenerate",
    description: "Replace the recovery codes by new ones.",
    tag: Tag::Mfa,
    allow: "POST, OPTIONS",
    access: Access::LoggedIn,
    scope: Some(SCOPE),
    form: Some(("POST", RegenerateForm::declared)),
    operations: &[Operation::new(
        Method::POST,
        "regenerateRecoveryCodes",
        "Replace the recovery codes",
        handler!(regenerate),
        regenerate_answers,
    )],
};

form! {
    /// Nothing is asked for.
    pub(crate) struct RecoveryCodesForm(_) {
        codes: ShownOnly = read_only(FieldKind::List),
    }
}

form! {
    /// The password, where changes of factors need it.
    pub(crate) struct RegenerateForm(configuration) {
        codes: ShownOnly = read_only(FieldKind::List),
        current_password: Option<String> = current_password(configuration),
    }
}

fn show_answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let about = "The codes that can still be used; none if they are kept as hashes.";
    let shown = PossibleAnswer::json::<RecoveryCodes<'_>>(StatusCode::OK, about);
    [shown].into_iter().chain(outcomes::reauthentication(configuration)).collect()
}

fn regenerate_answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let done = PossibleAnswer::json::<RecoveryCodes<'_>>(StatusCode::OK, "The new codes.");
    let done = done.cookies(outcomes::renewed_session(configuration));
    let limited = outcomes::limited(configuration, &[Action::Reauthenticate]);
    let refused = outcomes::reauthentication(configuration);
    [done].into_iter().chain(refused).chain(limited).collect()
}

async fn show(request: ApiRequest) -> Result<Reply, ApiError> {
    let shown = recovery::show(request.auth(), request.context(), request.user()?).await?;
    let storage = request.auth().settings().mfa.recovery_codes;
    let remaining = (storage == RecoveryCodeStorage::Hashed).then(|| count(shown.remaining));
    Ok(Reply::json(&RecoveryCodes { codes: &shown.codes, remaining }))
}

async fn regenerate(request: ApiRequest, form: Checked<RegenerateForm>) -> Result<Reply, ApiError> {
    let Checked { fields, errors } = form;
    let RegenerateForm { codes: _, current_password } = fields;
    let (auth, context, user) = (request.auth(), request.context(), request.user()?);
    Ok(match recovery::regenerate(auth, context, user, current_password, errors).await? {
        Regenerated::NotEnabled => Reply::detail(StatusCode::BAD_REQUEST, Message::MfaNotEnabled),
        Regenerated::Done { codes, session } => {
            Reply::json(&RecoveryCodes { codes: &codes, remaining: None }).renewing(session)
        }
    })
}
