//! `token/verify/`

use axum::http::{Method, StatusCode};
use rest_auth_flows::credentials::jwt;
use serde_json::json;

use crate::api::Api;
use crate::api_request::ApiRequest;
use crate::endpoint::{Access, Endpoint, Operation, handler};
use crate::error::ApiError;
use crate::form::{Completeness, Form, FormField};
use crate::input::Input;
use crate::openapi::outcome::Outcome;
use crate::openapi::schemas;
use crate::openapi::tag::Tag;
use crate::reply::Reply;

pub(crate) const TOKEN_VERIFY: Endpoint = Endpoint {
    path: "token/verify/",
    name: "Token Verify",
    description: "Tell whether a token is good.",
    tag: Tag::Tokens,
    allow: "POST, OPTIONS",
    access: Access::Unauthenticated,
    scope: None,
    form: Some(("POST", form)),
    operations: &[Operation::new(
        Method::POST,
        "verifyToken",
        "Check a token",
        handler!(verify),
        outcomes,
    )],
};

fn outcomes(api: &Api) -> Vec<Outcome> {
    vec![
        Outcome::json(StatusCode::OK, "The token is good.", schemas::nothing()),
        Outcome::refused("The token is no good.", api),
    ]
}

fn form(_: &Api) -> Form {
    Form(vec![FormField::text("token", "Token")])
}

async fn verify(request: ApiRequest) -> Result<Reply, ApiError> {
    let input = Input::read(&request)?;
    let mut fields = form(request.api()).check(&input, Completeness::Full)?.into_valid()?;
    jwt::verify(request.auth(), &fields.take("token")).await?;
    Ok(Reply::json(json!({})))
}
