//! The answer to a request that an extractor refuses.

use axum::response::{IntoResponse, Response};

use crate::api_request::ApiRequest;
use crate::error::ApiError;
use crate::negotiation::Representation;
use crate::render::{Writing, render};
use crate::rules::access::Access;

/// The answer to a request without valid credentials. Status, headers and body are those of
/// `user/`.
#[derive(Debug)]
pub struct AuthRejection(Box<Response>);

impl AuthRejection {
    pub(super) fn new(request: &ApiRequest, error: impl Into<ApiError>) -> Self {
        let api = request.api();
        let reply = error.into().into_reply(api.authenticators().challenge(Access::LoggedIn));
        let writing = Writing {
            representation: Representation::fallback(api.renderers()),
            language: request.language(),
            form_key: request.configuration().non_field_errors_key(),
            name: "Error",
        };
        Self(Box::new(render(reply, writing)))
    }
}

impl IntoResponse for AuthRejection {
    fn into_response(self) -> Response {
        *self.0
    }
}
