//! The addresses of a user.

use rest_auth_flows::emails::Address;
use serde::Serialize;
use utoipa::ToSchema;

/// An address of the user.
#[derive(Serialize, ToSchema)]
pub(crate) struct EmailAddress<'a> {
    pub(crate) id: i64,
    /// The address, in lower case.
    pub(crate) email: &'a str,
    /// Whether the user has proven that they receive mail at it.
    pub(crate) verified: bool,
    /// Whether it is the primary address, which mails are sent to.
    pub(crate) primary: bool,
}

impl<'a> From<&'a Address> for EmailAddress<'a> {
    fn from(address: &'a Address) -> Self {
        let Address { id, user_id: _, email, verified, primary } = address;
        Self { id: *id, email, verified: *verified, primary: *primary }
    }
}
