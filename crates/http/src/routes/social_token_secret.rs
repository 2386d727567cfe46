//! `<provider>/` and `<provider>/connect/` of a provider that is asked by signed requests (X by OAuth
//! 1.0a).

use axum::http::Method;
use rest_auth_flows::social::ProviderProof;

use super::social::{connect_answers, connect_with, log_in_with, login_answers};
use crate::api_request::ApiRequest;
use crate::endpoint::tag::Tag;
use crate::endpoint::{Endpoint, Operation, SCOPE, handler};
use crate::error::ApiError;
use crate::form::{FormBody as _, form, text};
use crate::reply::Reply;
use crate::rules::access::Access;

pub(crate) const LOGIN: Endpoint = Endpoint {
    path: "{provider}/",
    name: "Social Login",
    description: "",
    tag: Tag::Social,
    allow: "POST, OPTIONS",
    access: Access::Anyone,
    scope: Some(SCOPE),
    form: Some(("POST", TokenSecretForm::declared)),
    operations: &[Operation::new(
        Method::POST,
        "loginWith{provider}TokenSecret",
        "Log in with {provider}",
        handler!(login),
        login_answers,
    )
    .issuing_credentials()
    .checking_origin()],
};

pub(crate) const CONNECT: Endpoint = Endpoint {
    path: "{provider}/connect/",
    name: "Social Connect",
    description: "",
    tag: Tag::Social,
    allow: "POST, OPTIONS",
    access: Access::LoggedIn,
    scope: Some(SCOPE),
    form: Some(("POST", TokenSecretForm::declared)),
    operations: &[Operation::new(
        Method::POST,
        "connect{provider}TokenSecret",
        "Connect an account at {provider}",
        handler!(connect),
        connect_answers,
    )
    .issuing_credentials()],
};

form! {
    /// What an app got from the provider, by the names of dj-rest-auth.
    pub(crate) struct TokenSecretForm(_) {
        access_token: String = text(),
        token_secret: String = text(),
    }
}

async fn login(request: ApiRequest, form: TokenSecretForm) -> Result<Reply, ApiError> {
    log_in_with(&request, proof(form)).await
}

async fn connect(request: ApiRequest, form: TokenSecretForm) -> Result<Reply, ApiError> {
    connect_with(&request, proof(form)).await
}

fn proof(form: TokenSecretForm) -> ProviderProof {
    let TokenSecretForm { access_token, token_secret } = form;
    ProviderProof { access_token, token_secret, ..ProviderProof::default() }
}
