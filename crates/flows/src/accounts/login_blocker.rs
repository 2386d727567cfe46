//! What keeps a user from logging in to an account that an administrator made.

use rest_auth_store::User;

use super::AccountError;
use crate::auth::Auth;
use crate::login::checks;

/// What the user of a new account still has to do before a login, and how an administrator spares
/// them that. `None`: nothing.
///
/// # Errors
/// Errors of the database.
pub async fn login_blocker(auth: &Auth, user: &User) -> Result<Option<String>, AccountError> {
    if checks::open_verification(auth, user).await?.is_none() {
        return Ok(None);
    }
    let name = &user.username;
    let why = "`account.email_verification` is \"mandatory\"";
    Ok(Some(if user.email.is_empty() {
        format!(
            "{name} cannot log in, because there is no address to verify ({why}): give \"email\" and \
             \"email_verified\": true"
        )
    } else {
        format!(
            "{name} cannot log in before {} is verified ({why}): give \"email_verified\": true, or \
             let the user ask for a mail at registration/resend-email/ or password/reset/",
            user.email
        )
    }))
}
