//! The credentials that a login issues, and that authenticate later requests.
//!
//! Each of the three kinds has a file with the same three verbs: issue, authenticate, revoke. The
//! `http` crate decides where requests and answers carry them.

pub mod issue_time;
pub mod jwt;
pub mod session;
pub mod session_hints;
pub mod token;

use rest_auth_domain::password::EncodedPassword;
use rest_auth_domain::random;
use rest_auth_store::{Epoch, User};

use crate::auth::Auth;
use crate::context::Context;
use crate::current_session::OpenSession;
use crate::error::AuthError;
use crate::login::admitted::Admitted;

pub use jwt::JwtPair;
pub use token::ApiToken;

/// How many random bytes identify a login.
const LOGIN_ID_LEN: usize = 16;

/// The credentials of one login, in the combination that the configuration asks for.
#[derive(Debug, Default)]
pub struct Issued {
    /// An access and a refresh token.
    pub jwt: Option<JwtPair>,
    /// An API token. Never together with JWTs.
    pub token: Option<ApiToken>,
    /// A session, besides either or alone.
    pub session: Option<OpenSession>,
}

/// Issues the credentials that `rest_auth.*` asks for: JWTs or a token, and a session.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn issue(
    auth: &Auth,
    context: &Context,
    admitted: &Admitted,
) -> Result<Issued, AuthError> {
    let settings = &auth.settings().rest_auth;
    let mut issued = Issued::default();
    // What belongs together ends together: see `logout`.
    let login = random::hex(auth.random(), LOGIN_ID_LEN);
    if settings.use_jwt {
        issued.jwt = Some(jwt::issue(auth, context, admitted, &login).await?);
    } else if settings.token_model {
        issued.token = Some(token::issue(auth, context, admitted, &login).await?);
    }
    if settings.session_login {
        issued.session = Some(session::log_in(auth, context, admitted, &login).await?);
    }
    Ok(issued)
}

/// Whether the epoch of a user is raised when the password or the primary address changes.
pub(crate) fn epoch_on_password_change(auth: &Auth) -> Epoch {
    if auth.settings().rest_auth.revoke_on_password_change { Epoch::Bump } else { Epoch::Keep }
}

/// The credentials that stay valid when a password or primary address changes: those of the request
/// itself.
#[derive(Default)]
pub(crate) struct Kept<'a> {
    /// The session of the request.
    pub(crate) session: Option<&'a OpenSession>,
    /// The API token of the request.
    pub(crate) token: Option<&'a str>,
    /// The refresh family of the access token of the request.
    pub(crate) family: Option<String>,
}

impl<'a> Kept<'a> {
    /// The credentials of the request.
    pub(crate) fn of(context: &'a Context) -> Self {
        let token = context.token.as_deref();
        Self { session: context.session.opened(), token, family: None }
    }
}

/// If `rest_auth.revoke_on_password_change` is on, ends all credentials of a user from before a new
/// password or address, except those in `kept`. `user` is the user after the change.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn revoke_on_password_change(
    auth: &Auth,
    user: &User,
    kept: Kept<'_>,
) -> Result<(), AuthError> {
    if !auth.settings().rest_auth.revoke_on_password_change {
        return Ok(());
    }
    revoke_others(auth, user, kept).await
}

/// Ends all credentials of a user except those in `kept`, which continue under the user's epoch.
async fn revoke_others(auth: &Auth, user: &User, kept: Kept<'_>) -> Result<(), AuthError> {
    let store = auth.store();
    let session = kept.session.map(OpenSession::digest);
    store.delete_device_sessions_of(user.id, session.as_deref()).await?;
    match kept.family {
        Some(family) => {
            store.keep_only_family(user.id, &family, user.epoch, auth.now()).await?;
        }
        None => {
            store.revoke_families_of(user.id, auth.now()).await?;
        }
    }
    token::revoke_others(auth, user, kept.token).await
}

/// Ends all credentials of a user except those in `kept`: a session under a new key, the API token,
/// and the access token with its refresh token. `user` is as after the change.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn keep_alone(
    auth: &Auth,
    user: &User,
    kept: Kept<'_>,
) -> Result<Option<OpenSession>, AuthError> {
    let renewed = renew(auth, user, None, kept.session).await?;
    let kept = Kept { session: renewed.as_ref(), token: kept.token, family: kept.family };
    revoke_others(auth, user, kept).await?;
    Ok(renewed)
}

/// The session under a new key, if it is the user's.
async fn renew(
    auth: &Auth,
    user: &User,
    password: Option<&EncodedPassword>,
    session: Option<&OpenSession>,
) -> Result<Option<OpenSession>, AuthError> {
    match session.filter(|session| session.data.user_id() == Some(user.id)) {
        Some(own) => Ok(Some(session::keep(auth, own, user, password).await?)),
        None => Ok(None),
    }
}

/// Lets the session of a change go on under a new key, if it is the user's, and ends what else was
/// issued to them before as [`revoke_on_password_change`] does. `user` is as after the change, and
/// `password` is the hash of the new password, if it is the password that has changed.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn end_others(
    auth: &Auth,
    user: &User,
    password: Option<&EncodedPassword>,
    kept: Kept<'_>,
) -> Result<Option<OpenSession>, AuthError> {
    let renewed = renew(auth, user, password, kept.session).await?;
    let kept = Kept { session: renewed.as_ref(), ..kept };
    revoke_on_password_change(auth, user, kept).await?;
    Ok(renewed)
}
