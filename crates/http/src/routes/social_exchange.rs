//! `social/exchange/`

use axum::http::{Method, StatusCode};
use rest_auth_flows::limits::Action;
use rest_auth_flows::social::hand_over;

use crate::api_request::ApiRequest;
use crate::endpoint::outcome::PossibleAnswer;
use crate::endpoint::outcomes;
use crate::endpoint::tag::Tag;
use crate::endpoint::{Endpoint, Operation, SCOPE, handler};
use crate::error::ApiError;
use crate::form::{FormBody as _, form, text};
use crate::reply::Reply;
use crate::rules::access::Access;
use crate::schemes;
use crate::settings::Configuration;

pub(crate) const SOCIAL_EXCHANGE: Endpoint = Endpoint {
    path: "social/exchange/",
    name: "Social Exchange",
    description: "Get the credentials of a login that ended in the browser, by the code that it ended \
                  with.",
    tag: Tag::Social,
    allow: "POST, OPTIONS",
    access: Access::Anyone,
    scope: Some(SCOPE),
    form: Some(("POST", ExchangeForm::declared)),
    operations: &[Operation::new(
        Method::POST,
        "exchangeSocialCode",
        "Exchange the code of a login in the browser",
        handler!(exchange),
        answers,
    )
    .issuing_credentials()
    .checking_origin()],
};

form! {
    /// The code, and the secret that its login was begun with, if it was.
    pub(crate) struct ExchangeForm(_) {
        code: String = text(),
        code_verifier: String = text().optional().blankable(),
    }
}

fn answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let done = outcomes::credentials(configuration, StatusCode::OK);
    let step = outcomes::second_step(configuration, StatusCode::OK);
    let limited = outcomes::limited(configuration, &[Action::Login]);
    [done].into_iter().chain(step).chain(limited).collect()
}

async fn exchange(request: ApiRequest, form: ExchangeForm) -> Result<Reply, ApiError> {
    let ExchangeForm { code, code_verifier } = form;
    let (auth, context) = (request.auth(), request.context());
    let outcome = hand_over::exchange(auth, context, &code, &code_verifier).await?;
    schemes::logged_in(&request, outcome)
}
