//! `token/verify/`

use axum::http::{Method, StatusCode};
use rest_auth_flows::credentials::jwt;
use serde_json::json;

use crate::endpoint::{Access, Endpoint, Operation, handler};
use crate::error::ApiError;
use crate::form::{Completeness, Form, FormField};
use crate::input::Input;
use crate::openapi::outcome::Outcome;
use crate::openapi::schemas;
use crate::openapi::tag::Tag;
use crate::reply::Reply;
use crate::site::Site;
use crate::visit::Visit;

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

fn outcomes(site: &Site) -> Vec<Outcome> {
    vec![
        Outcome::json(StatusCode::OK, "The token is good.", schemas::nothing()),
        Outcome::refused("The token is no good.", site),
    ]
}

fn form(_: &Site) -> Form {
    Form(vec![FormField::text("token", "Token")])
}

async fn verify(visit: Visit) -> Result<Reply, ApiError> {
    let input = Input::read(&visit)?;
    let mut fields = form(visit.site()).check(&input, Completeness::Whole)?.all_fine()?;
    jwt::verify(visit.auth(), &fields.take("token")).await?;
    Ok(Reply::json(json!({})))
}
