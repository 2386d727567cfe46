//! How a request is turned away.

use axum::response::{IntoResponse, Response};

use crate::api_request::ApiRequest;
use crate::endpoint::Access;
use crate::error::ApiError;
use crate::negotiation::Representation;
use crate::render::render;

/// The answer to a request without good credentials: status, headers and body as `user/` has them.
#[derive(Debug)]
pub struct AuthRejection(Box<Response>);

impl AuthRejection {
    pub(super) fn new(request: &ApiRequest, error: impl Into<ApiError>) -> Self {
        let api = request.api();
        let reply = error.into().into_reply(api.schemes().challenge(Access::LoggedIn));
        let representation = Representation::fallback(api.renderers());
        Self(Box::new(render(reply, representation, request.language(), "Error")))
    }
}

impl IntoResponse for AuthRejection {
    fn into_response(self) -> Response {
        *self.0
    }
}
