//! What was proven in a login, and when.

use chrono::{DateTime, Utc};
use rest_auth_domain::webauthn::{Assertion, NewCredential};
use rest_auth_social::Identity;
use serde::{Deserialize, Serialize};

/// How many methods of a provider are kept, and how long their names may be.
const MOST_METHODS: usize = 8;
const LONGEST_METHOD: usize = 32;

/// One thing that was proven.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Factor {
    /// How.
    pub method: Method,
    /// When.
    pub at: DateTime<Utc>,
    /// What is known of the key, if it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<PasskeyTraits>,
    /// What the provider says of its own login, if it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<Box<ProviderLogin>>,
}

/// What a provider says of the login of a user there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderLogin {
    /// How the user proved who they are (`amr`, RFC 8176).
    pub amr: Vec<String>,
    /// Which class of authentication that was (`acr`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
}

/// What is known of the key of a passkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeyTraits {
    /// Whether it can leave its device.
    pub is_synced: bool,
    /// Whether the device verified the user.
    pub user_verified: bool,
}

/// A way to prove who one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// The account's password.
    Password,
    /// The account was made in this very request.
    Registration,
    /// A provider of social login says who it is.
    Provider,
    /// A code of the user's authenticator app.
    Totp,
    /// A recovery code.
    RecoveryCode,
    /// A code that was mailed, because others had guessed at the password.
    MailedCode,
    /// A passkey whose device verified the user: two factors at once. After another factor, any
    /// passkey.
    Passkey,
    /// A passkey whose device did not verify the user: one factor.
    SecurityKey,
}

impl Factor {
    /// One that is no passkey.
    pub(crate) fn new(method: Method, at: DateTime<Utc>) -> Self {
        Self { method, at, key: None, provider: None }
    }

    /// A passkey.
    pub(crate) fn of_passkey(method: Method, assertion: Assertion, at: DateTime<Utc>) -> Self {
        let Assertion { user_verified, backup, .. } = assertion;
        let key = Some(PasskeyTraits { is_synced: backup.eligible, user_verified });
        Self { method, at, key, provider: None }
    }

    /// A passkey that was made in this very login, after another factor.
    pub(crate) fn of_new_passkey(new: &NewCredential, at: DateTime<Utc>) -> Self {
        let key =
            PasskeyTraits { is_synced: new.backup.eligible, user_verified: new.user_verified };
        Self { method: Method::Passkey, at, key: Some(key), provider: None }
    }

    /// An account at a provider, with what its ID token says of the login there.
    pub(crate) fn of_provider(identity: &Identity, at: DateTime<Utc>) -> Self {
        let is_name = |name: &&String| {
            name.len() <= LONGEST_METHOD && name.bytes().all(|byte| byte.is_ascii_graphic())
        };
        let amr: Vec<_> = identity.amr.iter().filter(is_name).take(MOST_METHODS).cloned().collect();
        let acr = identity.acr.as_ref().filter(is_name).cloned();
        let is_silent = amr.is_empty() && acr.is_none();
        let provider = (!is_silent).then(|| Box::new(ProviderLogin { amr, acr }));
        Self { method: Method::Provider, at, key: None, provider }
    }
}

impl Method {
    /// The word in the log, and in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Registration => "registration",
            Self::Provider => "provider",
            Self::Totp => "totp",
            Self::RecoveryCode => "recovery_code",
            Self::MailedCode => "mailed_code",
            Self::Passkey => "passkey",
            Self::SecurityKey => "security_key",
        }
    }

    /// Whether it proves what a password alone does not.
    #[must_use]
    pub fn is_second(self) -> bool {
        matches!(self, Self::Totp | Self::RecoveryCode | Self::Passkey)
    }
}
