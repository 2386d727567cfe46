//! All settings together.

use std::collections::BTreeMap;

use rest_auth_flows::settings::{
    AccountSettings, AddressSettings, AppsSettings, AuthSettings, CacheSettings, I18nSettings,
    MfaSettings, RestAuthSettings, SessionSettings, SigningSettings, SimpleJwtSettings,
    SiteSettings, UserSettings,
};
use rest_auth_http::settings::{
    AllauthSettings, CorsSettings, CsrfSettings, HttpSettings, RestFrameworkSettings,
    SecureSettings,
};
use rest_auth_mail::settings::EmailSettings;
use rest_auth_settings::{Profile, Section};
use rest_auth_social::settings::SocialAccountSettings;
use rest_auth_store::settings::DatabaseSettings;

use super::listener::{LogSettings, ServerSettings};
use super::origin::Origin;

/// Lists every section once: its field, and the type that declares it.
macro_rules! compose {
    ($($(#[doc = $doc:literal])+ $field:ident: $type:ty),+ $(,)?) => {
        /// The settings of every layer, and where each value comes from.
        #[derive(Clone, Debug)]
        pub struct Settings {
            /// The set of defaults that holds.
            pub profile: Profile,
            $($(#[doc = $doc])+ pub $field: $type,)+
            origins: BTreeMap<String, Origin>,
        }

        impl Settings {
            /// What holds when nothing is configured.
            #[must_use]
            pub fn defaults(profile: Profile) -> Self {
                Self {
                    profile,
                    $($field: <$type>::defaults(profile),)+
                    origins: BTreeMap::new(),
                }
            }

            /// Every section, in the order in which they are documented. Several may be parts of
            /// one table.
            #[must_use]
            pub fn sections(&self) -> Vec<&dyn Section> {
                vec![$(&self.$field),+]
            }

            /// The same, for writing.
            pub(super) fn sections_mut(&mut self) -> Vec<&mut dyn Section> {
                vec![$(&mut self.$field),+]
            }
        }
    };
}

compose! {
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
    /// `[socialaccount]`.
    social: SocialAccountSettings,
    /// `[user]`.
    user: UserSettings,
    /// `[cache]`.
    cache: CacheSettings,
}

impl Settings {
    /// Where the value of a key such as `session.cookie_age` comes from.
    #[must_use]
    pub fn origin(&self, key: &str) -> &Origin {
        self.origins.get(key).unwrap_or(&Origin::Default)
    }

    /// Notes where the value of a key comes from.
    pub(super) fn note_origin(&mut self, key: String, origin: Origin) {
        self.origins.insert(key, origin);
    }

    /// Whether anything but a default gave a value to a key of this table.
    pub(super) fn is_given(&self, table: &str) -> bool {
        let inside = |key: &String| key.split_once('.').is_some_and(|(name, _)| name == table);
        self.origins.keys().any(inside)
    }
}
