//! The names of users on their devices.

use rest_auth_domain::webauthn::user_handle;
use rest_auth_store::User;

use crate::auth::Auth;
use crate::error::AuthError;
use crate::settings::passkeys::UserHandle;

/// The handle for a new passkey of a user, in base64url.
///
/// # Errors
/// Errors of the database.
pub(super) async fn new(auth: &Auth, user: &User) -> Result<String, AuthError> {
    Ok(match auth.settings().passkeys.user_handle {
        UserHandle::DjRestAuth => user_handle::text(&user_handle::dj_rest_auth(user.id)),
        UserHandle::Allauth => user_handle::text(&user_handle::allauth(user.id)),
        UserHandle::Random => {
            let new = user_handle::text(&user_handle::random(auth.random()));
            auth.store().keep_passkey_handle(user.id, &new).await?
        }
    })
}

/// Whether a handle is one that the user has or had: whoever gave it, and whatever the settings say
/// now.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn is_of(auth: &Auth, user_id: i64, handle: &[u8]) -> Result<bool, AuthError> {
    if handle == user_handle::dj_rest_auth(user_id) || handle == user_handle::allauth(user_id) {
        return Ok(true);
    }
    let kept = auth.store().passkey_handle(user_id).await?;
    Ok(kept.is_some_and(|kept| kept == user_handle::text(handle)))
}
