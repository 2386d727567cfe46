//! Why a provider does not say who a user is.

use std::fmt;

use rest_auth_domain::openid::IdTokenError;

use crate::profile::ProfileError;

/// Why a login with a provider fails.
#[derive(Debug, thiserror::Error)]
pub enum SocialError {
    /// Neither a token nor a code came.
    #[error("neither an access token, a code nor an ID token was sent")]
    NothingSent,
    /// The address that the code was sent to is not one of ours.
    #[error("the callback URL is not in the list")]
    CallbackUrl,
    /// An ID token came as the access token.
    #[error("an ID token was sent as the access token")]
    IdTokenAsAccessToken,
    /// The provider issues no ID tokens that could be accepted.
    #[error("the provider has no ID tokens")]
    NoIdTokens,
    /// An access token came, and nothing shows to whom it was issued.
    #[error("an access token of this provider cannot be shown to be ours")]
    AudienceUnknown,
    /// The access token was issued to another application.
    #[error("the access token was issued to another application")]
    ForeignAudience,
    /// The ID token is refused.
    #[error("the ID token is refused: {0}")]
    IdToken(#[from] IdTokenError),
    /// The ID token and the profile are about different users.
    #[error("the ID token and the profile name different users")]
    DifferentUsers,
    /// The provider refuses the code, or answers something else than a token.
    #[error("the code was not exchanged: {0}")]
    Exchange(String),
    /// The provider refuses the token, or its answer is no profile.
    #[error("the provider gives no profile: {0}")]
    Refused(String),
    /// The provider refuses a token with its secret.
    #[error("{0} does not take the token with its secret")]
    NoAccess(String),
    /// The profile names no user.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// The discovery document of the provider cannot be used.
    #[error("{0}")]
    Document(String),
    /// The provider does not answer.
    #[error("the provider does not answer: {0}")]
    Unavailable(String),
}

/// What keeps a provider from working as it is configured.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {message}")]
pub struct SocialSetupError {
    /// The key at fault.
    pub key: String,
    /// What is wrong with it.
    pub message: String,
}

impl SocialSetupError {
    pub(crate) fn new(provider: &str, key: &str, message: impl fmt::Display) -> Self {
        Self {
            key: format!("socialaccount.providers.{provider}.{key}"),
            message: message.to_string(),
        }
    }
}
