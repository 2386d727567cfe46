//! The Django authentication backend that accepted the credentials of a login.

use serde::{Deserialize, Serialize};

use crate::settings::auth::AuthenticationBackend;

/// The authentication backends of Django that this server implements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoginBackend {
    /// Django's own: exact user names.
    Model,
    /// allauth's: addresses, and names in upper or lower case.
    Allauth,
}

impl LoginBackend {
    /// The dotted path that Django writes into sessions.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Model => "django.contrib.auth.backends.ModelBackend",
            Self::Allauth => "allauth.account.auth_backends.AuthenticationBackend",
        }
    }
}

impl From<AuthenticationBackend> for LoginBackend {
    fn from(setting: AuthenticationBackend) -> Self {
        match setting {
            AuthenticationBackend::Model => Self::Model,
            AuthenticationBackend::Allauth => Self::Allauth,
        }
    }
}
