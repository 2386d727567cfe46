//! Who sends a request, for handlers of other applications.

use std::ops::Deref;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use rest_auth_domain::message::Message;
use rest_auth_flows::User;
use rest_auth_flows::error::AuthError;

use crate::api::Api;
use crate::api_request::ApiRequest;
use crate::endpoint::Access;
use crate::error::ApiError;
use crate::negotiation::Representation;
use crate::render::render;
use crate::schemes;

/// The user who sends a request, by whichever credentials the configuration accepts; a request
/// without good ones is turned away as `user/` would. Needs nothing but a [`Api`] in the state.
#[derive(Clone, Debug)]
pub struct CurrentUser(pub User);

impl Deref for CurrentUser {
    type Target = User;

    fn deref(&self) -> &User {
        &self.0
    }
}

impl<S> FromRequestParts<S> for CurrentUser
where
    Api: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = AuthRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, AuthRejection> {
        let api = Api::from_ref(state);
        let request = ApiRequest::of_head(api.clone(), parts);
        let refused = |error: ApiError| {
            let reply = error.into_reply(api.schemes().challenge(Access::LoggedIn));
            let representation = Representation::fallback(api.renderers());
            AuthRejection(Box::new(render(reply, representation, request.language(), "Error")))
        };
        let caller = schemes::authenticate(&request, Access::LoggedIn).await.map_err(refused)?;
        caller
            .user
            .map(Self)
            .ok_or_else(|| refused(AuthError::refused(Message::NotAuthenticated).into()))
    }
}

/// The answer to a request without good credentials.
#[derive(Debug)]
pub struct AuthRejection(Box<Response>);

impl IntoResponse for AuthRejection {
    fn into_response(self) -> Response {
        *self.0
    }
}
