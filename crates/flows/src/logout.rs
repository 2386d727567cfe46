//! Logout: ends the credentials of the request.

use rest_auth_domain::jwt::TokenKind;
use rest_auth_domain::message::Message;
use rest_auth_store::{Login, User};

use crate::auth::Auth;
use crate::context::Context;
use crate::credentials::jwt::{self, Revocation};
use crate::credentials::{session, token};
use crate::current_session::OpenSession;
use crate::error::AuthError;
use crate::events::{self, Event};

/// The credentials of a request that logs out.
#[derive(Debug, Default)]
pub struct ShownAtLogout<'a> {
    /// The user, if one is logged in.
    pub user: Option<&'a User>,
    /// The access token in its header or cookie.
    pub access: Option<&'a [u8]>,
    /// The refresh token, where this configuration looks for it.
    pub refresh: RefreshShown,
}

/// Where the refresh token to revoke was looked for, and the result.
#[derive(Debug, Default)]
pub enum RefreshShown {
    /// Nowhere, because this configuration cannot revoke it.
    #[default]
    NotAsked,
    /// In the cookie, and it was not there.
    NotInCookie,
    /// In the body, and it was not there.
    NotInBody,
    /// Here it is.
    Token(String),
}

/// The result of a logout.
#[derive(Debug, PartialEq, Eq)]
pub enum LogoutResult {
    /// Done, with the message.
    Done(Message),
    /// The refresh token could not be revoked. The other credentials have ended.
    Refused(Message),
    /// Nobody was logged in, and this configuration says so.
    NotLoggedIn,
}

/// Ends the session, the API token and the refresh token of a request, and what else the logins
/// handed out that these are of: whichever of them is shown, none of the others stays behind.
///
/// # Errors
/// Errors of the database.
pub async fn log_out(
    auth: &Auth,
    context: &Context,
    shown: ShownAtLogout<'_>,
) -> Result<LogoutResult, AuthError> {
    let settings = &auth.settings().rest_auth;
    // A password in the header or a session that no login made is no token to log out.
    let has_token = context.token.is_some() || shown.access.is_some();
    if !settings.use_jwt && !settings.session_login && !has_token {
        return Ok(LogoutResult::NotLoggedIn);
    }
    let session =
        if settings.session_login { session::current(auth, context).await? } else { None };
    let logins = logins(auth, context, &shown, session.as_ref()).await?;
    if let Some(user) = shown.user {
        token::revoke(auth, user, context.token.as_deref()).await?;
    }
    if let Some(session) = &session {
        session::end(auth, session).await?;
    }
    let user = shown.user.map(|user| user.id).or(logins.first().map(|login| login.user_id));
    if let Some(user) = user {
        events::record(auth, &context.client, Event::Logout { user });
    }
    let done = if settings.use_jwt {
        take_back(auth, &shown).await?
    } else {
        LogoutResult::Done(Message::LoggedOut)
    };
    let mut ended_family = false;
    for login in &logins {
        ended_family |= auth.store().end_login(login, auth.now()).await?;
    }
    // Nothing is left that the missing refresh token could revoke.
    Ok(if ended_family { LogoutResult::Done(Message::LoggedOut) } else { done })
}

/// The logins that handed out what a request shows.
async fn logins(
    auth: &Auth,
    context: &Context,
    shown: &ShownAtLogout<'_>,
    session: Option<&OpenSession>,
) -> Result<Vec<Login>, AuthError> {
    let mut logins: Vec<_> = session.and_then(OpenSession::login).into_iter().collect();
    if let Some(token) = &context.token {
        logins.extend(token::login_of(auth, token).await?);
    }
    if let Some(access) = shown.access {
        logins.extend(jwt::login_of(auth, access, TokenKind::Access).await?);
    }
    if let RefreshShown::Token(refresh) = &shown.refresh {
        logins.extend(jwt::login_of(auth, refresh.as_bytes(), TokenKind::Refresh).await?);
    }
    logins.dedup();
    Ok(logins)
}

async fn take_back(auth: &Auth, shown: &ShownAtLogout<'_>) -> Result<LogoutResult, AuthError> {
    let by_access = match shown.access {
        Some(access) => jwt::revoke_family_of(auth, access).await?,
        None => false,
    };
    Ok(match &shown.refresh {
        RefreshShown::Token(refresh) => match jwt::revoke(auth, refresh).await? {
            Revocation::Done => LogoutResult::Done(Message::LoggedOut),
            Revocation::Refused(_) if by_access => LogoutResult::Done(Message::LoggedOut),
            Revocation::Refused(problem) => LogoutResult::Refused(problem),
        },
        // The family was ended by the access token, so nothing is left to revoke.
        _ if by_access => LogoutResult::Done(Message::LoggedOut),
        RefreshShown::NotInCookie => LogoutResult::Refused(Message::NoRefreshCookie),
        RefreshShown::NotInBody => LogoutResult::Refused(Message::NoRefreshInBody),
        RefreshShown::NotAsked if hands_out_cookies(auth) => LogoutResult::Done(Message::LoggedOut),
        RefreshShown::NotAsked => LogoutResult::Done(Message::NothingToRevoke),
    })
}

/// Whether a logout has a cookie to delete.
fn hands_out_cookies(auth: &Auth) -> bool {
    auth.settings().rest_auth.jwt_auth_cookie.is_some()
}
