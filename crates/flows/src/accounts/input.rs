//! What an administrator says about an account: one JSON object each.

use serde::Deserialize;
use serde_json::{Map, Value};

/// An account to make. What is absent has Django's default.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    /// The name.
    pub username: String,
    /// The address of the account.
    #[serde(default)]
    pub email: String,
    /// The password; without one and without `password_hash` nobody can log in with a password.
    #[serde(default)]
    pub password: Option<String>,
    /// A hash as Django stores it, in place of a password.
    #[serde(default)]
    pub password_hash: Option<String>,
    /// First name.
    #[serde(default)]
    pub first_name: String,
    /// Last name.
    #[serde(default)]
    pub last_name: String,
    /// Whether the account is open.
    #[serde(default = "yes")]
    pub is_active: bool,
    /// Whether it may enter Django's admin.
    #[serde(default)]
    pub is_staff: bool,
    /// Whether it has all permissions in Django.
    #[serde(default)]
    pub is_superuser: bool,
    /// Whether `email` is verified; absent: it gets no address record at all.
    #[serde(default)]
    pub email_verified: Option<bool>,
    /// Further addresses.
    #[serde(default)]
    pub extra_emails: Vec<ExtraEmail>,
    /// The DRF token of the account.
    #[serde(default)]
    pub token: Option<String>,
    /// Identities at providers.
    #[serde(default)]
    pub social_accounts: Vec<SocialIdentity>,
    /// Switches the second factor on, with this secret in base 32.
    #[serde(default)]
    pub totp_secret: Option<String>,
    /// Values of the fields that `user.extra_fields` declares.
    #[serde(default)]
    pub extra: Map<String, Value>,
}

impl NewAccount {
    /// An account with this name, open, and with Django's defaults otherwise.
    #[must_use]
    pub fn named(username: impl Into<String>) -> Self {
        Self {
            username: username.into(),
            email: String::new(),
            password: None,
            password_hash: None,
            first_name: String::new(),
            last_name: String::new(),
            is_active: true,
            is_staff: false,
            is_superuser: false,
            email_verified: None,
            extra_emails: Vec::new(),
            token: None,
            social_accounts: Vec::new(),
            totp_secret: None,
            extra: Map::new(),
        }
    }
}

/// A further address of an account.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtraEmail {
    /// The address.
    pub email: String,
    /// Whether it is verified.
    #[serde(default)]
    pub verified: bool,
}

/// Who somebody is at a provider.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SocialIdentity {
    /// The provider's id.
    pub provider: String,
    /// The user's id there.
    pub uid: String,
}

/// What is to be different about an account; what is absent stays as it is.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AccountChange {
    /// A new name.
    pub username: Option<String>,
    /// A new address of the account; the address records stay.
    pub email: Option<String>,
    /// A new password.
    pub password: Option<String>,
    /// A new stored hash.
    pub password_hash: Option<String>,
    /// A new first name.
    pub first_name: Option<String>,
    /// A new last name.
    pub last_name: Option<String>,
    /// Opens or closes the account.
    pub is_active: Option<bool>,
    /// Lets it into Django's admin or not.
    pub is_staff: Option<bool>,
    /// Gives it all permissions in Django or not.
    pub is_superuser: Option<bool>,
    /// Verifies the record of the account's address or not.
    pub email_verified: Option<bool>,
    /// Replaces the DRF token.
    pub token: Option<String>,
    /// Values of the fields that `user.extra_fields` declares; null takes one away.
    pub extra: Map<String, Value>,
}

fn yes() -> bool {
    true
}
