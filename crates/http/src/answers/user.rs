//! The user.

use rest_auth_flows::User;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// The data that users see of themselves.
#[derive(Serialize, ToSchema)]
pub(crate) struct UserDetails<'u> {
    /// The user's id.
    pub(crate) pk: i64,
    #[schema(max_length = 150)]
    pub(crate) username: &'u str,
    /// The primary address; empty if there is none.
    pub(crate) email: &'u str,
    #[schema(max_length = 150)]
    pub(crate) first_name: &'u str,
    #[schema(max_length = 150)]
    pub(crate) last_name: &'u str,
    /// The fields that the configuration adds.
    #[serde(flatten)]
    #[schema(ignore)]
    pub(crate) extra: Map<String, Value>,
}

impl<'u> UserDetails<'u> {
    /// The columns that dj-rest-auth shows, and the fields that the configuration adds.
    pub(crate) fn new(user: &'u User, extra: Map<String, Value>) -> Self {
        Self {
            pk: user.id,
            username: &user.username,
            email: &user.email,
            first_name: &user.first_name,
            last_name: &user.last_name,
            extra,
        }
    }
}
