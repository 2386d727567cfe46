//! The user who sends a request, if one is logged in.

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use rest_auth_flows::User;

use super::AuthRejection;
use super::identify::anyone;
use crate::api::Api;

/// The user who sends a request, or `None` for a request without credentials. Credentials that have
/// ended, or that are not understood, count as none.
#[derive(Clone, Debug)]
pub struct OptionalUser(pub Option<User>);

impl<S> FromRequestParts<S> for OptionalUser
where
    Api: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = AuthRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, AuthRejection> {
        Ok(Self(anyone(Api::from_ref(state), parts).await?.user))
    }
}
