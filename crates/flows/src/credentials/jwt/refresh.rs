//! New tokens for a refresh token.

use chrono::{DateTime, Utc};
use rest_auth_domain::jwt::{Claims, TokenError, TokenKind, UserError};
use rest_auth_domain::message::Message;
use rest_auth_store::{Blacklisting, User};

use super::{
    Named, after, auth_claims, check_user, family, is_taken_back, named, row, subject,
    token_refused, user_refused,
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
    let (user, evidence) = admit(auth, &accepted.claims).await?;
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

/// Reads a refresh token in SimpleJWT's order: signature, blacklist, then expiry, id and type.
async fn accept<'t>(auth: &Auth, shown: &'t str) -> Result<AcceptedRefresh<'t>, AuthError> {
    let tokens = auth.tokens()?;
    let signed = tokens.read(shown, auth.now()).map_err(token_refused)?;
    if is_taken_back(auth, tokens, &signed).await? {
        return Err(token_refused(TokenError::Blacklisted));
    }
    let id = tokens.id(&signed).ok().map(str::to_owned);
    let claims = tokens.accept(signed, TokenKind::Refresh).map_err(token_refused)?;
    Ok(AcceptedRefresh { token: shown, id, claims })
}

/// The user of a refresh token, if no new login is needed, and what was proven with its family.
async fn admit(auth: &Auth, claims: &Claims) -> Result<(User, Evidence), AuthError> {
    let tokens = auth.tokens()?;
    let no_account = || AuthError::refused(Message::NoActiveAccount);
    let named = match subject::id_in(auth, tokens, claims).await? {
        Ok(id) => named(auth, id, claims).await?,
        Err(_) => None,
    };
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
