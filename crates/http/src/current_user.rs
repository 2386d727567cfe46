//! Who sends a request, for handlers of other applications.

use std::ops::Deref;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use rest_auth_domain::message::Message;
use rest_auth_flows::User;
use rest_auth_flows::error::AuthError;

use crate::endpoint::Access;
use crate::error::ApiError;
use crate::negotiation::Representation;
use crate::render::render;
use crate::schemes;
use crate::site::Site;
use crate::visit::Visit;

/// The user who sends a request, by whichever credentials the configuration accepts; a request
/// without good ones is turned away as `user/` would. Needs nothing but a [`Site`] in the state.
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
    Site: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Turned;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Turned> {
        let site = Site::from_ref(state);
        let visit = Visit::of_head(site.clone(), parts);
        let refused = |error: ApiError| {
            let reply = error.into_reply(site.schemes().challenge(Access::LoggedIn));
            let representation = Representation::fallback(site.renderers());
            Turned(Box::new(render(reply, representation, visit.language(), "Error")))
        };
        let caller = schemes::authenticate(&visit, Access::LoggedIn).await.map_err(refused)?;
        caller
            .user
            .map(Self)
            .ok_or_else(|| refused(AuthError::refused(Message::NotAuthenticated).into()))
    }
}

/// The answer to a request without good credentials.
#[derive(Debug)]
pub struct Turned(Box<Response>);

impl IntoResponse for Turned {
    fn into_response(self) -> Response {
        *self.0
    }
}
