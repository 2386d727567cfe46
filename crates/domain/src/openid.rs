//! ID tokens of `OpenID` Connect, as another server issues them (Core 1.0, section 2).
//!
//! [`id_token`] checks a token; the keys that it was signed with are [`keys`]. [`client_secret`]
//! signs the secret that Apple asks for.

pub mod client_secret;
pub mod id_token;
pub mod keys;
#[cfg(test)]
mod tests;

pub use client_secret::{ClientSecret, ClientSecretError};
pub use id_token::{IdTokenError, IdTokenRules, verify};
pub use keys::{KeysError, ProviderKeys};
