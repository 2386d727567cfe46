//! The credentials that a login, a registration and a refresh return.

use serde::Serialize;
use utoipa::ToSchema;

use super::UserDetails;

/// The tokens and the user.
#[derive(Serialize, ToSchema)]
pub(crate) struct JwtPair<'a> {
    /// The access token.
    pub(crate) access: &'a str,
    /// The refresh token.
    pub(crate) refresh: &'a str,
    pub(crate) user: UserDetails<'a>,
    /// When the access token expires. Absent in the answer to a registration.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime, nullable = false)]
    pub(crate) access_expiration: Option<String>,
    /// When the refresh token expires. Absent in the answer to a registration.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime, nullable = false)]
    pub(crate) refresh_expiration: Option<String>,
    /// The recovery codes of an app or a passkey that was set up by the login: each works once, in
    /// place of another second factor.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) recovery_codes: Option<&'a [String]>,
}

/// A token.
#[derive(Serialize, ToSchema)]
pub(crate) struct TokenKey<'a> {
    /// The token, for the header `Authorization: Token …`.
    pub(crate) key: &'a str,
    /// The recovery codes of an app or a passkey that was set up by the login: each works once, in
    /// place of another second factor.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) recovery_codes: Option<&'a [String]>,
}

/// New tokens in place of old ones.
#[derive(Serialize, ToSchema)]
pub(crate) struct RefreshedTokens<'a> {
    /// The new access token.
    pub(crate) access: &'a str,
    /// The new refresh token.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) refresh: Option<&'a str>,
    /// When the new access token expires.
    #[schema(format = DateTime)]
    pub(crate) access_expiration: String,
    /// When the new refresh token expires.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime, nullable = false)]
    pub(crate) refresh_expiration: Option<String>,
}

/// An object without keys: the token is valid.
#[derive(Serialize, ToSchema)]
pub(crate) struct TokenIsValid {}
