//! When a credential was issued, for handlers that ask for a fresh login.

use chrono::{DateTime, Utc};
use rest_auth_domain::jwt::TokenKind;
use rest_auth_domain::opaque_token::digest_of;
use rest_auth_store::User;

use crate::auth::Auth;
use crate::current_session::OpenSession;
use crate::error::AuthError;
use crate::settings::rest_auth::TokenStorage;

/// The claim with the time of issue (RFC 7519 section 4.1.6).
const ISSUED_AT: &str = "iat";

/// When an access token that was accepted was issued: at the login, or at the last refresh. None if
/// it does not say.
#[must_use]
pub fn of_access_token(auth: &Auth, accepted: &[u8]) -> Option<DateTime<Utc>> {
    let claims = auth.tokens().ok()?.verify(accepted, TokenKind::Access, auth.now()).ok()?;
    DateTime::from_timestamp(claims.integer(ISSUED_AT)?, 0)
}

/// When an API token of a user was issued. DRF's one token is as old as the user's first login by
/// token. None if the token has been revoked since it was accepted.
///
/// # Errors
/// Errors of the database.
pub async fn of_api_token(
    auth: &Auth,
    user: &User,
    accepted: &str,
) -> Result<Option<DateTime<Utc>>, AuthError> {
    Ok(match auth.settings().rest_auth.token_storage {
        TokenStorage::Django => auth.store().token_of(user.id).await?.map(|token| token.created),
        TokenStorage::Digest => {
            let row = auth.store().device_token(&digest_of(accepted)).await?;
            row.map(|(token, _)| token.created_at)
        }
    })
}

/// When a session began; it begins anew with each login, and with a new password. None for a
/// session in Django's table, which does not say.
#[must_use]
pub fn of_session(session: &OpenSession) -> Option<DateTime<Utc>> {
    session.began_at()
}
