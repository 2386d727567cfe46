//! Authenticates a request from its head.

use axum::http::request::Parts;
use rest_auth_domain::message::Message;
use rest_auth_flows::User;
use rest_auth_flows::error::AuthError;

use super::AuthRejection;
use crate::api::Api;
use crate::api_request::ApiRequest;
use crate::caller::{Caller, ShownCredential};
use crate::rules::access::Access;
use crate::schemes;

/// A user who is logged in, with the accepted credential.
pub(super) struct Known {
    pub(super) user: User,
    pub(super) shown: ShownCredential,
}

/// The sender of a request. Valid credentials are required.
pub(super) async fn logged_in(
    api: Api,
    parts: &Parts,
) -> Result<(ApiRequest, Known), AuthRejection> {
    let request = ApiRequest::of_head(api, parts);
    let Caller { user, shown } = caller(&request, Access::LoggedIn).await?;
    let Some(user) = user else {
        return Err(AuthRejection::new(&request, AuthError::refused(Message::NotAuthenticated)));
    };
    Ok((request, Known { user, shown }))
}

/// The sender of a request, if it has credentials.
pub(super) async fn anyone(api: Api, parts: &Parts) -> Result<Caller, AuthRejection> {
    caller(&ApiRequest::of_head(api, parts), Access::Anyone).await
}

async fn caller(request: &ApiRequest, access: Access) -> Result<Caller, AuthRejection> {
    let caller = schemes::authenticate(request, access).await;
    caller.map_err(|error| AuthRejection::new(request, error))
}
