//! `token/verify/`

use axum::http::{Method, StatusCode};
use rest_auth_flows::credentials::jwt;

use crate::answers::TokenIsValid;
use crate::api_request::ApiRequest;
use crate::endpoint::outcome::PossibleAnswer;
use crate::endpoint::outcomes;
use crate::endpoint::tag::Tag;
use crate::endpoint::{Endpoint, Operation, handler};
use crate::error::ApiError;
use crate::form::{FormBody as _, form, text};
use crate::reply::Reply;
use crate::rules::access::Access;
use crate::settings::Configuration;

pub(crate) const TOKEN_VERIFY: Endpoint = Endpoint {
    path: "token/verify/",
    name: "Token Verify",
    description: "Check whether a token is valid.",
    tag: Tag::Tokens,
    allow: "POST, OPTIONS",
    access: Access::Unauthenticated,
    scope: None,
    form: Some(("POST", TokenVerifyForm::declared)),
    operations: &[Operation::new(
        Method::POST,
        "verifyToken",
        "Check a token",
        handler!(verify),
        answers,
    )],
};

form! {
    /// A token of any type.
    pub(crate) struct TokenVerifyForm(_) {
        token: String = text(),
    }
}

fn answers(configuration: Configuration<'_>) -> Vec<PossibleAnswer> {
    let refused = "The token is not valid.";
    vec![
        PossibleAnswer::json::<TokenIsValid>(StatusCode::OK, "The token is valid."),
        outcomes::refused(configuration, StatusCode::UNAUTHORIZED, refused),
    ]
}

async fn verify(request: ApiRequest, form: TokenVerifyForm) -> Result<Reply, ApiError> {
    jwt::verify(request.auth(), &form.token).await?;
    Ok(Reply::json(&TokenIsValid {}))
}
