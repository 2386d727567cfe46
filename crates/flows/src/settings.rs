//! The settings of what a person can do, one file per table of the configuration, and those of
//! the layers below.

pub mod account;
pub mod apps;
pub mod auth;
pub mod code_format;
pub mod extra_fields;
pub mod i18n;
pub mod mfa;
pub mod passkeys;
pub mod password_validator;
pub mod rate_limit;
pub mod rest_auth;
mod rules;
pub mod same_site;
pub mod session;
pub mod signing;
pub mod signup_fields;
pub mod simple_jwt;
pub mod site;

pub use account::AccountSettings;
pub use apps::{AddressSettings, AppsSettings, CacheSettings, UserSettings};
pub use auth::AuthSettings;
pub use code_format::CodeFormatSetting;
pub use extra_fields::{ExtraField, ExtraFields};
pub use i18n::I18nSettings;
pub use mfa::MfaSettings;
pub use passkeys::PasskeySettings;
pub use password_validator::PasswordValidator;
pub use rate_limit::RateLimits;
pub use rest_auth::RestAuthSettings;
pub use rest_auth_mail::settings::{EmailBackend, EmailSettings};
pub use rest_auth_social::settings::{
    AddressVerification, HandOver, ProviderSettings, SocialAccountSettings,
};
pub use rest_auth_store::settings::DatabaseSettings;
pub use same_site::SameSite;
pub use session::SessionSettings;
pub use signing::SigningSettings;
pub use signup_fields::{Demand, SignupFields};
pub use simple_jwt::SimpleJwtSettings;
pub use site::SiteSettings;

use account::EmailVerification;
use auth::AuthenticationBackend;
use rest_auth::RegisterAccess;

/// The settings of what people can do, one section for each table of the configuration.
#[derive(Clone, Debug)]
pub struct FlowSettings {
    /// `[account]`
    pub account: AccountSettings,
    /// `[allauth]`, how addresses are counted
    pub addresses: AddressSettings,
    /// `[apps]`
    pub apps: AppsSettings,
    /// `[auth]`
    pub auth: AuthSettings,
    /// The path of the API, `server.base_path`.
    pub api_path: String,
    /// `[cache]`
    pub cache: CacheSettings,
    /// `[i18n]`
    pub i18n: I18nSettings,
    /// `[mfa]`
    pub mfa: MfaSettings,
    /// `[passkeys]`
    pub passkeys: PasskeySettings,
    /// `[rest_auth]`
    pub rest_auth: RestAuthSettings,
    /// `[session]`
    pub session: SessionSettings,
    /// `[simple_jwt]`
    pub simple_jwt: SimpleJwtSettings,
    /// `[server]`, the keys that sign
    pub signing: SigningSettings,
    /// `[server]`, the site
    pub site: SiteSettings,
    /// `[socialaccount]`
    pub social: SocialAccountSettings,
    /// `[user]`
    pub user: UserSettings,
}

impl FlowSettings {
    /// The same without what needs allauth: registration, address records and its look-up of users.
    #[must_use]
    pub fn without_allauth(mut self) -> Self {
        self.apps.allauth = Some(false);
        self.apps.registration = false;
        self.auth.authentication_backends = vec![AuthenticationBackend::Model];
        self
    }

    /// Whether answers hide who is registered. This is possible only if verification by mail is the
    /// next step for everybody. Staff may know.
    pub(crate) fn hide_who_is_registered(&self) -> bool {
        self.account.neutral_registration
            && self.account.email_verification == EmailVerification::Mandatory
            && self.rest_auth.register != RegisterAccess::Staff
    }
}
