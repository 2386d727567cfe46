//! The `SameSite` attribute of cookies, as `session`, `csrf` and `rest_auth` have it.

use rest_auth_domain::cookie;
use rest_auth_settings::choices;

choices! {
    /// The `SameSite` attribute of a cookie (RFC 6265bis section 4.1.2.7).
    pub enum SameSite {
        /// Sent with requests of the same site, and with top-level navigations from others.
        Lax = "Lax",
        /// Sent with requests of the same site only.
        Strict = "Strict",
        /// Sent with every request; browsers demand Secure with it.
        None = "None",
    }
}

impl From<SameSite> for cookie::SameSite {
    fn from(setting: SameSite) -> Self {
        match setting {
            SameSite::Lax => Self::Lax,
            SameSite::Strict => Self::Strict,
            SameSite::None => Self::None,
        }
    }
}
