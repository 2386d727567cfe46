//! All settings together.

use rest_auth_flows::settings::{
    AccountSettings, AddressSettings, AppsSettings, AuthSettings, CacheSettings, DatabaseSettings,
    EmailSettings, I18nSettings, MfaSettings, PasskeySettings, RestAuthSettings, SessionSettings,
    SigningSettings, SimpleJwtSettings, SiteSettings, SocialAccountSettings, UserSettings,
};
use rest_auth_settings::{ValueOrigin, composition};

use super::listener::{LogSettings, ServerSettings};
use crate::settings::{
    AllauthSettings, CorsSettings, CsrfSettings, HttpSettings, RestFrameworkSettings,
    SecureSettings,
};

composition! {
    /// The settings of every layer, and where each value comes from.
    pub struct Settings {
        /// `[server]`: the listener.
        server: ServerSettings,
        /// `[server]`: requests.
        http: HttpSettings,
        /// `[server]`: keys.
        signing: SigningSettings,
        /// `[server]`: the site.
        site: SiteSettings,
        /// `[database]`.
        database: DatabaseSettings,
        /// `[apps]`.
        apps: AppsSettings,
        /// `[rest_auth]`.
        rest_auth: RestAuthSettings,
        /// `[rest_framework]`.
        rest_framework: RestFrameworkSettings,
        /// `[simple_jwt]`.
        simple_jwt: SimpleJwtSettings,
        /// `[account]`.
        account: AccountSettings,
        /// `[auth]`.
        auth: AuthSettings,
        /// `[session]`.
        session: SessionSettings,
        /// `[csrf]`.
        csrf: CsrfSettings,
        /// `[cors]`.
        cors: CorsSettings,
        /// `[secure]`.
        secure: SecureSettings,
        /// `[email]`.
        email: EmailSettings,
        /// `[i18n]`.
        i18n: I18nSettings,
        /// `[log]`.
        log: LogSettings,
        /// `[allauth]`: proxies.
        allauth: AllauthSettings,
        /// `[allauth]`: addresses.
        addresses: AddressSettings,
        /// `[mfa]`.
        mfa: MfaSettings,
        /// `[passkeys]`.
        passkeys: PasskeySettings,
        /// `[socialaccount]`.
        social: SocialAccountSettings,
        /// `[user]`.
        user: UserSettings,
        /// `[cache]`.
        cache: CacheSettings,
    }
}

impl Settings {
    /// Where the value of a key such as `session.cookie_age` comes from.
    #[must_use]
    pub fn origin(&self, key: &str) -> &ValueOrigin {
        self.origins.of(key)
    }
}
