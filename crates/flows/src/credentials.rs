//! The credentials that a login issues, and that authenticate later requests.
//!
//! Each of the three kinds has a file with the same three verbs: issue, authenticate, revoke. The
//! `http` crate decides where requests and answers carry them.

pub(crate) mod continuing;
pub mod issue_time;
pub mod jwt;
pub mod session;
pub mod session_hints;
pub mod token;

use futures_util::future::BoxFuture;
use rest_auth_domain::random;
use rest_auth_store::Epoch;

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
pub(crate) fn issue<'a>(
    auth: &'a Auth,
    context: &'a Context,
    admitted: &'a Admitted,
) -> BoxFuture<'a, Result<Issued, AuthError>> {
    Box::pin(async move {
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
    })
}

/// Whether the epoch of a user is raised when the password or the primary address changes.
pub(crate) fn epoch_on_password_change(auth: &Auth) -> Epoch {
    if auth.settings().rest_auth.revoke_on_password_change { Epoch::Bump } else { Epoch::Keep }
}

/// The credentials that stay valid when the password, the primary address or a factor changes: those
/// of the request itself.
#[derive(Default)]
pub(crate) struct KeptCredentials<'a> {
    /// The session of the request.
    pub(crate) session: Option<&'a OpenSession>,
    /// The API token of the request.
    pub(crate) token: Option<&'a str>,
    /// The refresh family of the access token of the request.
    pub(crate) family: Option<String>,
}

impl<'a> KeptCredentials<'a> {
    /// The credentials of the request.
    pub(crate) fn of(context: &'a Context) -> Self {
        let token = context.token.as_deref();
        Self { session: context.session.opened(), token, family: None }
    }
}
