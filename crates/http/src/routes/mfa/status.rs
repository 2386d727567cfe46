//! `mfa/status/`

use axum::http::{Method, StatusCode};
use rest_auth_domain::datetime;
use rest_auth_flows::mfa::status;

use crate::answers::MfaStatus;
use crate::api_request::ApiRequest;
use crate::endpoint::outcome::PossibleAnswer;
use crate::endpoint::tag::Tag;
use crate::endpoint::{Endpoint, Operation, SCOPE, handler};
use crate::error::ApiError;
use crate::reply::Reply;
use crate::rules::access::Access;
use crate::settings::Configuration;

pub(crate) const MFA_STATUS: Endpoint = Endpoint {
    path: "mfa/status/",
    name: "Mfa Status",
    description: "Show whether logins ask for a second factor.",
    tag: Tag::Mfa,
    allow: "GET, HEAD, OPTIONS",
    access: Access::LoggedIn,
    scope: Some(SCOPE),
    form: None,
    operations: &[Operation::new(
        Method::GET,
        "getMfaStatus",
        "Show the second factors",
        handler!(show),
        answers,
    )],
};

fn answers(_: Configuration<'_>) -> Vec<PossibleAnswer> {
    vec![PossibleAnswer::json::<MfaStatus>(StatusCode::OK, "The second factors of the user.")]
}

async fn show(request: ApiRequest) -> Result<Reply, ApiError> {
    let status = status::of(request.auth(), request.user()?).await?;
    let settings = request.auth().settings();
    let written = |time| datetime::in_zone(time, settings.i18n.time_zone);
    Ok(Reply::json(&MfaStatus::new(&status, written, settings.mfa.detailed_answers)))
}
