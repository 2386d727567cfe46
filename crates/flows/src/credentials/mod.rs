//! What a login hands out, and what shows later who somebody is.
//!
//! Each of the three kinds has a file with the same three verbs: issue, authenticate, revoke.
//! Where a credential sits in a request or an answer is HTTP's affair.

pub mod jwt;
pub mod session;
pub mod session_hints;
pub mod token;

use rest_auth_store::{Epoch, User};

use crate::auth::Auth;
use crate::client::Client;
use crate::error::AuthError;

pub use jwt::JwtPair;
pub use session::OpenSession;
pub use token::ApiToken;

/// What one login handed out, as the configuration combines the kinds.
#[derive(Debug, Default)]
pub struct Issued {
    /// An access and a refresh token.
    pub jwt: Option<JwtPair>,
    /// An API token. Never together with JWTs.
    pub token: Option<ApiToken>,
    /// A session, besides either or alone.
    pub session: Option<OpenSession>,
}

/// Hands out what `rest_auth.*` says a login hands out: JWTs or else a token, and a session.
///
/// # Errors
/// Whatever the database says.
pub(crate) async fn issue(
    auth: &Auth,
    user: &User,
    login: SessionLogin<'_>,
    client: &Client,
) -> Result<Issued, AuthError> {
    let settings = &auth.settings().rest_auth;
    let mut issued = Issued::default();
    if settings.use_jwt {
        issued.jwt = Some(jwt::issue(auth, user, client).await?);
    } else if settings.token_model {
        issued.token = Some(token::issue(auth, user, client).await?);
    }
    if settings.session_login {
        issued.session = Some(session::log_in(auth, user, login, client).await?);
    }
    Ok(issued)
}

/// What a change was asked for with, which outlives it.
#[derive(Clone, Copy, Debug)]
pub struct AskedWith<'a> {
    /// The device.
    pub client: &'a Client,
    /// Its session.
    pub session: Option<&'a OpenSession>,
    /// Its API token.
    pub token: Option<&'a str>,
    /// The language of the request.
    pub language: &'a str,
}

/// What becomes of the epoch of a user whose password or primary address changes.
pub(crate) fn epoch_on_password_change(auth: &Auth) -> Epoch {
    if auth.settings().rest_auth.revoke_on_password_change { Epoch::Bump } else { Epoch::Keep }
}

/// What goes on when a password or primary address changes.
#[derive(Debug, Default)]
pub(crate) struct Kept<'a> {
    /// The session that did it.
    pub(crate) session: Option<&'a OpenSession>,
    /// The API token that did it.
    pub(crate) token: Option<&'a str>,
}

/// Ends what was issued to a user before a new password or address, where
/// `rest_auth.revoke_on_password_change` says so: all but what set it. `user` is as he is now.
///
/// # Errors
/// Whatever the database says.
pub(crate) async fn revoke_on_password_change(
    auth: &Auth,
    user: &User,
    kept: Kept<'_>,
) -> Result<(), AuthError> {
    if !auth.settings().rest_auth.revoke_on_password_change {
        return Ok(());
    }
    let store = auth.store();
    let session = kept.session.map(OpenSession::digest);
    store.delete_device_sessions_of(user.id, session.as_deref()).await?;
    store.revoke_families_of(user.id, auth.now()).await?;
    token::revoke_others(auth, user, kept.token).await
}

/// Lets the session of a change go on under a new key, if it is the user's, and ends what else was
/// issued to him before as [`revoke_on_password_change`] does. `user` is as he is now.
///
/// # Errors
/// Whatever the database says.
pub(crate) async fn end_others(
    auth: &Auth,
    user: &User,
    asked_with: &AskedWith<'_>,
) -> Result<Option<OpenSession>, AuthError> {
    let own = asked_with.session.filter(|session| session.data.user_id() == Some(user.id));
    let renewed = match own {
        Some(own) => Some(session::keep(auth, own, user).await?),
        None => None,
    };
    let kept = Kept { session: renewed.as_ref(), token: asked_with.token };
    revoke_on_password_change(auth, user, kept).await?;
    Ok(renewed)
}

/// What a session login needs to know beyond the user.
#[derive(Debug, Default)]
pub struct SessionLogin<'a> {
    /// The session that the request came with, which is taken over or ended.
    pub current: Option<&'a OpenSession>,
    /// The dotted path of the backend that vouched for the user.
    pub backend: &'static str,
    /// A new CSRF secret, where sessions keep it.
    pub csrf_secret: Option<String>,
}
