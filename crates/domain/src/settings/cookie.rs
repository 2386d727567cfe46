//! Values about cookies.

use crate::choices;

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
