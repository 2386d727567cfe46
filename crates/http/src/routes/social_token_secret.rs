//! `<provider>/` and `<provider>/connect/` of a provider that is asked by signed requests (X by OAuth
//! 1.0a).

use rest_auth_flows::social::ProviderProof;

use super::social::{
    SOCIAL_CONNECT, SOCIAL_LOGIN, connect_operation, connect_with, log_in_with, login_operation,
};
use crate::api_request::ApiRequest;
use crate::endpoint::{Endpoint, handler};
use crate::error::ApiError;
use crate::form::{FormBody as _, form, text};
use crate::reply::Reply;

pub(crate) const LOGIN: Endpoint = Endpoint {
    form: Some(("POST", TokenSecretForm::declared)),
    operations: &[login_operation("loginWith{provider}TokenSecret", handler!(login))],
    ..SOCIAL_LOGIN
};

pub(crate) const CONNECT: Endpoint = Endpoint {
    form: Some(("POST", TokenSecretForm::declared)),
    operations: &[connect_operation("connect{provider}TokenSecret", handler!(connect))],
    ..SOCIAL_CONNECT
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
