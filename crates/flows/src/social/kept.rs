//! What a provider said of a user, kept until they show the token that it waits for.

use rest_auth_domain::encrypted::Cipher;
use rest_auth_social::Identity;

use crate::auth::Auth;
use crate::error::AuthError;

/// Encrypts an identity, with the tokens that came with it, for a purpose.
pub(super) fn seal(
    auth: &Auth,
    purpose: &'static str,
    identity: &Identity,
) -> Result<String, AuthError> {
    let json = serde_json::to_string(identity).map_err(AuthError::internal)?;
    Ok(Cipher::new(auth.keys(), purpose).encrypt(&json, purpose, auth.random()))
}

/// The identity again; none if it was encrypted under a key that is gone.
pub(super) fn open(auth: &Auth, purpose: &'static str, sealed: &str) -> Option<Identity> {
    let json = Cipher::new(auth.keys(), purpose).decrypt(sealed, purpose).ok()?;
    serde_json::from_str(&json).ok()
}
