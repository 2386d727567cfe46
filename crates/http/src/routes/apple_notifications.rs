//! `apple/notifications/`

use axum::http::{Method, StatusCode};
use rest_auth_domain::message::Message;
use rest_auth_flows::social::apple;

use crate::api_request::ApiRequest;
use crate::endpoint::outcome::PossibleAnswer;
use crate::endpoint::tag::Tag;
use crate::endpoint::{Endpoint, Operation, SCOPE, handler};
use crate::error::ApiError;
use crate::form::{FormBody as _, form, text};
use crate::reply::Reply;
use crate::rules::access::Access;
use crate::settings::Configuration;

pub(crate) const APPLE_NOTIFICATIONS: Endpoint = Endpoint {
    path: "{provider}/notifications/",
    name: "Apple Notifications",
    description: "Where Apple tells that a user does not use the app any more, or has deleted their \
                  account there.",
    tag: Tag::Social,
    allow: "POST, OPTIONS",
    access: Access::Unauthenticated,
    scope: Some(SCOPE),
    form: Some(("POST", NotificationForm::declared)),
    operations: &[Operation::new(
        Method::POST,
        "notify{provider}",
        "Take a notification of {provider}",
        handler!(notify),
        answers,
    )],
};

form! {
    /// What Apple posts: a signed JWT.
    pub(crate) struct NotificationForm(_) {
        payload: String = text(),
    }
}

fn answers(_: Configuration<'_>) -> Vec<PossibleAnswer> {
    let down = PossibleAnswer::sentence(StatusCode::BAD_GATEWAY, &Message::ProviderUnavailable);
    vec![PossibleAnswer::sentence(StatusCode::OK, &Message::Acknowledged), down]
}

async fn notify(request: ApiRequest, form: NotificationForm) -> Result<Reply, ApiError> {
    let (auth, context, provider) = (request.auth(), request.context(), request.provider()?);
    apple::notify(auth, context, provider, &form.payload).await?;
    Ok(Reply::detail(StatusCode::OK, Message::Acknowledged))
}
