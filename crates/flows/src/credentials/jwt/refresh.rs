//! New tokens for a refresh token.

use chrono::{DateTime, Utc};
use rest_auth_domain::jwt::{Claims, TokenError, TokenKind, UserError};
use rest_auth_domain::message::Message;
use rest_auth_store::{Blacklisting, RefreshingUser, User};

use super::{
    Named, SID, after, auth_claims, check_user, family, named, row, subject, token_refused,
    user_refused,
};
use crate::auth::Auth;
use crate::context::Context;
use crate::error::AuthError;
use crate::evidence::Evidence;
use crate::login::checks::{self, Admission, Returning};

/// What a refresh gives. It has no `Debug`, because it holds secrets.
pub struct Refreshed {
    /// The new access token.
    pub access: String,
    /// When it ends.
    pub access_expires_at: DateTime<Utc>,
    /// A refresh token in place of the old one, if they rotate.
    pub refresh: Option<NewRefresh>,
}

/// A refresh token in place of another. It has no `Debug`, because it holds secrets.
pub struct NewRefresh {
    /// The token.
    pub token: String,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// A refresh token that was accepted.
pub(super) struct AcceptedRefresh<'t> {
    /// The token as it was sent.
    pub(super) token: &'t str,
    /// The id by which the blacklist and its family know it.
    pub(super) id: Option<String>,
    /// What it says.
    pub(super) claims: Claims,
}

/// A refresh token that was signed.
pub(super) struct SignedRefresh {
    /// The token.
    pub(super) text: String,
    /// When it ends.
    pub(super) expires_at: DateTime<Utc>,
    /// The claims that the access token beside it is made of.
    pub(super) claims: Claims,
}

/// New tokens for a refresh token.
///
/// # Errors
/// [`AuthError::Unauthenticated`] if the token is not valid or its user may not log in any more.
pub async fn refresh(auth: &Auth, context: &Context, shown: &str) -> Result<Refreshed, AuthError> {
    let tokens = auth.tokens()?;
    let settings = &auth.settings().simple_jwt;
    let now = auth.now();
    let mut accepted = accept(auth, shown).await?;
    let (user, evidence) = admit(auth, &accepted).await?;
    if settings.auth_claims {
        // The user may have proven more since the login.
        auth_claims::add_to(&mut accepted.claims, &evidence);
    }
    let rotated = match (settings.rotate_refresh_tokens, settings.refresh_families) {
        (false, _) => None,
        (true, false) => Some(rotate(auth, &user, &accepted).await?),
        (true, true) => Some(family::rotate(auth, context, &user, &accepted).await?),
    };
    let (refresh, mut claims) = match rotated {
        None => (None, accepted.claims),
        Some(SignedRefresh { text, expires_at, claims }) => {
            (Some(NewRefresh { token: text, expires_at }), claims)
        }
    };
    // The user may have changed since the login.
    let fields = &auth.settings().user.extra_fields;
    auth.claims().add_to(auth.store(), fields, &user, &mut claims).await?;
    let access =
        tokens.access_from_refresh(&claims, now, auth.random()).map_err(AuthError::internal)?;
    let access_expires_at = after(now, tokens.settings().access_token_lifetime);
    Ok(Refreshed { access, access_expires_at, refresh })
}

/// Reads a refresh token. In SimpleJWT's order the blacklist is asked before expiry, id and type: it
/// is asked here where one of these is wrong, and with the user otherwise.
async fn accept<'t>(auth: &Auth, shown: &'t str) -> Result<AcceptedRefresh<'t>, AuthError> {
    let tokens = auth.tokens()?;
    let signed = tokens.read(shown, auth.now()).map_err(token_refused)?;
    let id = tokens.id(&signed).map(str::to_owned);
    if auth.settings().apps.token_blacklist {
        id.as_ref().map_err(|error| token_refused(*error))?;
    }
    let id = id.ok();
    match tokens.accept(signed, TokenKind::Refresh) {
        Ok(claims) => Ok(AcceptedRefresh { token: shown, id, claims }),
        Err(_) if is_blacklisted(auth, id.as_deref()).await? => {
            Err(token_refused(TokenError::Blacklisted))
        }
        Err(error) => Err(token_refused(error)),
    }
}

async fn is_blacklisted(auth: &Auth, id: Option<&str>) -> Result<bool, AuthError> {
    let Some(id) = id.filter(|_| auth.settings().apps.token_blacklist) else { return Ok(false) };
    Ok(auth.store().is_blacklisted(id).await?)
}

/// Whom a refresh token names, if its subject is one of a user. One query tells who that is and
/// whether the token is blacklisted, if it has a family.
///
/// # Errors
/// [`AuthError::Unauthenticated`] if it is blacklisted.
async fn find(
    auth: &Auth,
    user_id: Option<i64>,
    accepted: &AcceptedRefresh<'_>,
) -> Result<Option<Named>, AuthError> {
    let settings = auth.settings();
    let family = accepted.claims.text(SID).filter(|_| settings.simple_jwt.refresh_families);
    let id = accepted.id.as_deref().filter(|_| settings.apps.token_blacklist);
    if let (Some(user_id), Some(family), Some(id)) = (user_id, family, id)
        && let Some(RefreshingUser { user, family, is_blacklisted }) =
            auth.store().user_by_id_with_refresh(user_id, family, id, auth.now()).await?
    {
        if is_blacklisted {
            return Err(token_refused(TokenError::Blacklisted));
        }
        return Ok(Some(Named::of(auth, &accepted.claims, user, family)));
    }
    if is_blacklisted(auth, accepted.id.as_deref()).await? {
        return Err(token_refused(TokenError::Blacklisted));
    }
    match user_id {
        Some(user_id) => named(auth, user_id, &accepted.claims).await,
        None => Ok(None),
    }
}

/// The user of a refresh token, if no new login is needed, and what was proven with its family.
async fn admit(auth: &Auth, accepted: &AcceptedRefresh<'_>) -> Result<(User, Evidence), AuthError> {
    let (tokens, claims) = (auth.tokens()?, &accepted.claims);
    let no_account = || AuthError::refused(Message::NoActiveAccount);
    let user_id = subject::id_in(auth, tokens, claims).await?.ok();
    let named = find(auth, user_id, accepted).await?;
    let Named { user, is_over, evidence } = named.ok_or_else(no_account)?;
    let user = check_user(tokens, user, claims).map_err(|error| match error {
        UserError::PasswordChanged => user_refused(error),
        _ => no_account(),
    })?;
    let asks_for_active = tokens.settings().check_user_is_active;
    let returning = Returning { user: &user, asks_for_active, is_over, proven: None };
    match checks::admit(auth, returning).await? {
        Admission::Granted => Ok((user, Evidence::read(evidence.as_deref()))),
        Admission::Over => Err(token_refused(TokenError::Blacklisted)),
        Admission::Closed | Admission::Open(_) => Err(no_account()),
    }
}

/// SimpleJWT's rotation: a new token with the claims of the old one, which is blacklisted if
/// `simple_jwt.blacklist_after_rotation`. Of two requests that rotate one token at the same time
/// the database lets one win.
async fn rotate(
    auth: &Auth,
    user: &User,
    accepted: &AcceptedRefresh<'_>,
) -> Result<SignedRefresh, AuthError> {
    let tokens = auth.tokens()?;
    let (claims, now) = (&accepted.claims, auth.now());
    let rotated = tokens.rotate(claims, now, auth.random()).map_err(AuthError::internal)?;
    if auth.settings().apps.token_blacklist {
        let new = rotated.outstanding.map(|new| row(new, Some(user.id)));
        let old = tokens.outstanding(claims, accepted.token, now);
        match (old.map(|old| row(old, Some(user.id))), new) {
            (Some(old), new) if auth.settings().simple_jwt.blacklist_after_rotation => {
                if auth.store().rotate(&old, new.as_ref(), now).await? == Blacklisting::Already {
                    return Err(token_refused(TokenError::Blacklisted));
                }
            }
            (_, Some(new)) => {
                auth.store().insert_outstanding(&new).await?;
            }
            (_, None) => {}
        }
    }
    let expires_at = after(now, tokens.settings().refresh_token_lifetime);
    Ok(SignedRefresh { text: rotated.refresh, expires_at, claims: claims.clone() })
}
