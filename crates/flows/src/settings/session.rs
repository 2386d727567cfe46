//! `[session]`: Django's `SESSION_*`.

use std::time::Duration;

use rest_auth_settings::days;
use rest_auth_settings::{choices, settings};

use super::same_site::SameSite;

choices! {
    /// How sessions are kept.
    pub enum SessionStorage {
        /// `rest_auth_session` holds a digest of the key, from which the key cannot be computed.
        Digest = "digest",
        /// `django_session` holds the key. The table is shared with Django.
        Django = "django",
    }
}

choices! {
    /// Django's session engine.
    pub enum SessionEngine {
        /// The database.
        Db = "db",
    }
}

settings! {
    /// Sessions and their cookie.
    pub struct SessionSettings = "session" {
        /// How sessions are kept: `digest` (ours) or `django` (`django_session`, shared).
        storage: SessionStorage => {
            strict: SessionStorage::Digest,
            django: SessionStorage::Django,
        },
        /// Django's session engine.
        engine: SessionEngine = SessionEngine::Db,
        /// Lifetime of the cookie, and of a session that is not used.
        #[range(1.0, 3_153_600_000.0)]
        cookie_age: Duration = days(14),
        /// Maximum lifetime of a session, even if it is used. None: no limit.
        absolute_lifetime: Option<Duration> => { strict: Some(days(30)), django: None },
        /// Name of the cookie.
        cookie_name: String = "sessionid".to_owned(),
        /// Domain attribute. None: this host only.
        cookie_domain: Option<String> = None,
        /// Path attribute.
        cookie_path: String = "/".to_owned(),
        /// `HttpOnly` attribute.
        cookie_httponly: bool = true,
        /// `Secure` attribute. In the strict profile it is off by default while
        /// `server.public_url` is http on this machine.
        cookie_secure: bool => { strict: true, django: false },
        /// `SameSite` attribute. None: no attribute.
        cookie_samesite: Option<SameSite> = Some(SameSite::Lax),
        /// The cookie is deleted when the browser is closed.
        expire_at_browser_close: bool = false,
        /// Renew the session and its cookie at every request.
        save_every_request: bool = false,
    }
    instead {
        "cache_alias": "sessions are kept in the database",
        "file_path": "sessions are kept in the database",
        "serializer": "sessions are JSON",
    }
}
