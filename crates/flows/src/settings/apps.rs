//! `[apps]`, `[user]`, `[cache]` and a part of `[allauth]`: what is installed, and what surrounds
//! it.

use std::time::Duration;

use rest_auth_settings::ConnectionUrl;
use rest_auth_settings::{choices, settings};

use super::extra_fields::ExtraFields;

settings! {
    /// Installed applications: Django's `INSTALLED_APPS`.
    pub struct AppsSettings = "apps" {
        /// Whether the project has django-allauth. Without it there are no address records: logins
        /// and password resets go by the address in the table of users, reset links have Django's
        /// form, and registration is not offered. None: whether the database has its tables.
        allauth: Option<bool> = None,
        /// Registration and e-mail verification (`dj_rest_auth.registration`).
        registration: bool = true,
        /// The list of revoked refresh tokens (`rest_framework_simplejwt.token_blacklist`).
        token_blacklist: bool => { strict: true, django: false },
        /// Second factors: authenticator apps and recovery codes (`dj_rest_auth.mfa`).
        mfa: bool => { strict: true, django: false },
        /// Login with passkeys (`dj_rest_auth.passkeys`).
        passkeys: bool => { strict: true, django: false },
        /// The list of the user's logins, `sessions/` (`allauth.usersessions`).
        usersessions: bool => { strict: true, django: false },
    }
}

impl AppsSettings {
    /// Whether there is allauth, as far as the settings say.
    #[must_use]
    pub fn has_allauth(&self) -> bool {
        self.allauth.unwrap_or(true)
    }
}

settings! {
    /// Data of users beside the columns of Django's table.
    pub struct UserSettings = "user" {
        /// Further fields of users, kept in a table of this server's own. Registration asks for
        /// them, `user/` shows and changes them, `simple_jwt.claims` can put them into tokens. A
        /// table for each, such as [user.extra_fields.company], with `type` (text, integer,
        /// boolean or date), `required`, `max_length` of a text (255), and `read_only`: set by
        /// administrators only.
        extra_fields: ExtraFields = ExtraFields::default(),
    }
}

settings! {
    /// Addresses of clients, as rate limits count them.
    pub struct AddressSettings = "allauth" {
        /// How many bits of an IPv6 address rate limits compare. 64 is what one customer usually
        /// gets.
        #[range(1.0, 128.0)]
        rate_limit_ipv6_prefix: u32 = 64,
    }
}

choices! {
    /// Where counters are kept.
    pub enum CacheBackend {
        /// In the memory of each instance.
        Memory = "memory",
        /// In the database, for all instances.
        Database = "database",
        /// In Redis, for all instances.
        Redis = "redis",
    }
}

settings! {
    /// Where the counters of rate limits and throttles are kept.
    pub struct CacheSettings = "cache" {
        /// `memory`: each instance counts by itself. `database` or `redis`: all instances count
        /// together. None: `redis` if there is a `url`, else `memory`.
        backend: Option<CacheBackend> = None,
        /// Address of the Redis server: `redis://:PASSWORD@HOST:PORT/NUMBER`, `rediss://` for TLS.
        /// While Redis does not answer, each instance counts by itself.
        url: Option<ConnectionUrl> = None,
        /// Prefix of the keys in Redis.
        key_prefix: String = "rest-auth".to_owned(),
        /// How long a request waits for Redis. After one request waited in vain, others do not
        /// wait.
        #[range(0.01, 10.0)]
        timeout: Duration = Duration::from_millis(150),
    }
}

impl CacheSettings {
    /// Where counters are kept.
    #[must_use]
    pub fn backend(&self) -> CacheBackend {
        let of_url = if self.url.is_some() { CacheBackend::Redis } else { CacheBackend::Memory };
        self.backend.unwrap_or(of_url)
    }
}
