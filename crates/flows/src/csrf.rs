//! The CSRF secret of clients that keep it in their session (`csrf.use_sessions`).

use rest_auth_domain::csrf::CsrfSecret;
use rest_auth_domain::session::SessionData;

use crate::auth::Auth;
use crate::context::Context;
use crate::credentials::session;
use crate::current_session::OpenSession;
use crate::error::AuthError;

/// The secret of a session, and the session if it was changed or begun to keep a new one.
///
/// # Errors
/// When the database fails.
pub async fn secret_of_session(
    auth: &Auth,
    context: &Context,
    current: Option<OpenSession>,
) -> Result<(CsrfSecret, Option<OpenSession>), AuthError> {
    let known = current.as_ref().and_then(|session| session.data.csrf_secret());
    if let Some(secret) = known.and_then(|text| CsrfSecret::parse(text).ok()) {
        return Ok((secret, None));
    }
    let secret = CsrfSecret::generate(auth.random());
    if let Some(mut session) = current {
        session.data.set_csrf_secret(secret.as_str());
        if let Some(saved) = session::save(auth, &session).await? {
            return Ok((secret, Some(saved)));
        }
    }
    let mut data = SessionData::default();
    data.set_csrf_secret(secret.as_str());
    let begun = session::begin(auth, context, data).await?;
    Ok((secret, Some(begun)))
}
