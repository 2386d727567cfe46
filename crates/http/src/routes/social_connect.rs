//! `social/connect/`

use axum::http::{Method, StatusCode};
use rest_auth_domain::datetime;
use rest_auth_flows::limits::Action;
use rest_auth_flows::social::connecting;

use crate::answers::SocialAccount;
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

pub(crate) const SOCIAL_CONNECT_CODE: Endpoint = Endpoint {
    path: "social/connect/",
    name: "Social Connect Code",
    description: "Connect the account that the browser came back with, by the code that it came back \
                  with. Only the user who began it can do so.",
    tag: Tag::Social,
    allow: "POST, OPTIONS",
    access: Access::LoggedIn,
    scope: Some(SCOPE),
    form: Some(("POST", ConnectForm::declared)),
    operations: &[Operation::new(
        Method::POST,
        "connectSocialAccount",
        "Connect the account of a login in the browser",
        handler!(connect),
        answers,
    )],
};

form! {
    /// The code, and the secret that it was begun with, if it was.
    pub(crate) struct ConnectForm(_) {
        connect_code: String = text(),
        code_verifier: String = text().optional().blankable(),
    }
}

fn answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let done =
        PossibleAnswer::json::<SocialAccount<'_>>(StatusCode::OK, "The account is connected.");
    [done].into_iter().chain(outcomes::limited(configuration, &[Action::Login])).collect()
}

async fn connect(request: ApiRequest, form: ConnectForm) -> Result<Reply, ApiError> {
    let ConnectForm { connect_code, code_verifier } = form;
    let (auth, context, user) = (request.auth(), request.context(), request.user()?);
    let account = connecting::complete(auth, context, user, &connect_code, &code_verifier).await?;
    let zone = auth.settings().i18n.time_zone;
    Ok(Reply::json(&SocialAccount::new(&account, |time| datetime::in_zone(time, zone))))
}
