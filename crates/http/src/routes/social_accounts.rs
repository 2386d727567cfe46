//! `socialaccounts/` and `socialaccounts/{id}/disconnect/`

use axum::http::{Method, StatusCode};
use rest_auth_domain::datetime;
use rest_auth_domain::message::Message;
use rest_auth_flows::social::connections;

use crate::answers::{Disconnected, FieldErrors, SocialAccount};
use crate::api_request::ApiRequest;
use crate::endpoint::outcome::PossibleAnswer;
use crate::endpoint::outcomes;
use crate::endpoint::tag::Tag;
use crate::endpoint::{Endpoint, Operation, PathId, SCOPE, handler};
use crate::error::ApiError;
use crate::reply::Reply;
use crate::rules::access::Access;
use crate::settings::Configuration;

pub(crate) const SOCIAL_ACCOUNTS: Endpoint = Endpoint {
    path: "socialaccounts/",
    name: "Social Account List",
    description: "List the accounts at providers that the user has connected.",
    tag: Tag::Social,
    allow: "GET, HEAD, OPTIONS",
    access: Access::LoggedIn,
    scope: None,
    form: None,
    operations: &[Operation::new(
        Method::GET,
        "listSocialAccounts",
        "List the connected accounts",
        handler!(list),
        list_answers,
    )],
};

pub(crate) const SOCIAL_ACCOUNT_DISCONNECT: Endpoint = Endpoint {
    path: "socialaccounts/{id}/disconnect/",
    name: "Social Account Disconnect",
    description: "Disconnect an account at a provider. The only way to log in cannot be removed.",
    tag: Tag::Social,
    allow: "POST, OPTIONS",
    access: Access::LoggedIn,
    scope: Some(SCOPE),
    form: None,
    operations: &[Operation::new(
        Method::POST,
        "disconnectSocialAccount",
        "Disconnect an account",
        handler!(disconnect),
        disconnect_answers,
    )],
};

fn list_answers(_: Configuration<'_>) -> Vec<PossibleAnswer> {
    vec![PossibleAnswer::list::<SocialAccount<'_>>(StatusCode::OK, "The accounts, oldest first.")]
}

fn disconnect_answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let answers = [
        PossibleAnswer::json::<Disconnected>(StatusCode::OK, "The account is disconnected."),
        PossibleAnswer::json::<FieldErrors<'_>>(
            StatusCode::BAD_REQUEST,
            "The user could not log in any more.",
        ),
        PossibleAnswer::sentence(StatusCode::NOT_FOUND, &Message::NotFound)
            .describe("The user has no account with this id."),
    ];
    answers.into_iter().chain(outcomes::reauthentication(configuration)).collect()
}

async fn list(request: ApiRequest) -> Result<Reply, ApiError> {
    let accounts = connections::list(request.auth(), request.user()?).await?;
    let zone = request.auth().settings().i18n.time_zone;
    let written = |time| datetime::in_zone(time, zone);
    let accounts: Vec<_> =
        accounts.iter().map(|account| SocialAccount::new(account, written)).collect();
    Ok(Reply::json(&accounts))
}

async fn disconnect(request: ApiRequest, PathId(id): PathId) -> Result<Reply, ApiError> {
    let (auth, context, user) = (request.auth(), request.context(), request.user()?);
    connections::disconnect(auth, context, user, id).await?;
    Ok(Reply::json(&Disconnected {}))
}
