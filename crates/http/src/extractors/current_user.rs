//! The user who sends a request.

use std::ops::Deref;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use rest_auth_flows::User;

use super::AuthRejection;
use super::identify::logged_in;
use crate::api::Api;

/// The user who sent a request, by any credentials that the configuration accepts. A request
/// without valid credentials gets the answer that `user/` gives. The extractor needs an [`Api`] in
/// the state.
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
        let (_, caller) = logged_in(Api::from_ref(state), parts).await?;
        Ok(Self(caller.user))
    }
}
