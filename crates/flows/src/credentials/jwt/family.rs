//! Refresh families: the chain of refresh tokens that one login starts.

use chrono::TimeDelta;
use rest_auth_domain::jwt::{Claims, OutstandingToken, TokenError};
use rest_auth_domain::message::Message;
use rest_auth_domain::random;
use rest_auth_store::{Consumed, NewFamily, NewOutstanding, RefreshToken, ReuseGrace, User};

use super::refresh::{AcceptedRefresh, SignedRefresh};
use super::{SID, after, token_refused};
use crate::auth::Auth;
use crate::context::Context;
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::evidence::Evidence;

/// How long a family without a configured end lives, which is longer than any login.
const ENDLESS: std::time::Duration = std::time::Duration::from_hours(24 * 365 * 10);

/// A family that has an id but no token yet.
pub(super) struct StartedFamily(NewFamily);

impl StartedFamily {
    pub(super) fn id(&self) -> &str {
        &self.0.id
    }

    /// Stores the family with its first token and, if SimpleJWT's record is kept, its row there.
    pub(super) async fn record(
        self,
        auth: &Auth,
        first: &OutstandingToken,
        recorded: Option<&NewOutstanding>,
    ) -> Result<(), AuthError> {
        let token = RefreshToken {
            jti: first.jti.clone(),
            issued_at: first.created_at,
            expires_at: first.expires_at,
        };
        Ok(auth.store().create_family(&self.0, &token, recorded).await?)
    }
}

/// Begins a family for a login; `None` if families are off.
pub(super) fn start(
    auth: &Auth,
    context: &Context,
    user: &User,
    login: Option<&str>,
    evidence: &Evidence,
) -> Option<StartedFamily> {
    if !auth.settings().simple_jwt.refresh_families {
        return None;
    }
    let (settings, now) = (&auth.settings().simple_jwt, auth.now());
    let lifetime = settings.refresh_family_lifetime.unwrap_or(ENDLESS);
    Some(StartedFamily(NewFamily {
        id: random::hex(auth.random(), 16),
        user_id: user.id,
        epoch: user.epoch,
        created_at: now,
        ends_at: after(now, lifetime),
        client: (&context.client).into(),
        login: login.map(str::to_owned),
        evidence: evidence.written(),
    }))
}

/// Replaces the given refresh token by a successor. If the token is used again within the grace
/// period, or while the successor has not been used, the same successor is returned, because the
/// answer may have been lost. Otherwise it was probably stolen, and the family ends.
pub(super) async fn rotate(
    auth: &Auth,
    context: &Context,
    user: &User,
    accepted: &AcceptedRefresh<'_>,
) -> Result<SignedRefresh, AuthError> {
    let tokens = auth.tokens()?;
    let (claims, now) = (&accepted.claims, auth.now());
    let (Some(jti), Some(_)) = (&accepted.id, claims.text(SID)) else {
        return adopt(auth, context, user, accepted).await;
    };
    let successor = RefreshToken {
        jti: random::hex(auth.random(), 16),
        issued_at: now,
        expires_at: after(now, tokens.settings().refresh_token_lifetime),
    };
    let consumed = auth.store().consume_refresh(jti, &successor, now, grace(auth)).await?;
    let successor = match consumed {
        Consumed::Rotated => successor,
        Consumed::Replayed(same) => same,
        Consumed::Expired => return Err(token_refused(TokenError::Expired)),
        Consumed::Reused => {
            events::record(auth, &context.client, Event::RefreshTokenReused { user: user.id });
            return Err(token_refused(TokenError::Blacklisted));
        }
        Consumed::Revoked | Consumed::Unknown => {
            return Err(token_refused(TokenError::Blacklisted));
        }
    };
    sign(auth, claims, &successor)
}

/// How long a refresh token that was used can be used again. Without a grace period, never.
fn grace(auth: &Auth) -> ReuseGrace {
    let settings = &auth.settings().simple_jwt;
    let always = TimeDelta::from_std(settings.reuse_grace).unwrap_or_default();
    if always.is_zero() {
        return ReuseGrace { always, while_unused: always };
    }
    let while_unused = TimeDelta::from_std(settings.reuse_grace_while_unused).unwrap_or_default();
    ReuseGrace { always, while_unused }
}

/// Starts a family for a refresh token that another server issued, once.
async fn adopt(
    auth: &Auth,
    context: &Context,
    user: &User,
    accepted: &AcceptedRefresh<'_>,
) -> Result<SignedRefresh, AuthError> {
    let tokens = auth.tokens()?;
    let (claims, now) = (&accepted.claims, auth.now());
    let family = start(auth, context, user, None, &Evidence::default());
    let old = tokens.outstanding(claims, accepted.token, now);
    let (Some(family), Some(old), true) = (family, old, auth.settings().apps.token_blacklist)
    else {
        // Without the blacklist it could be adopted repeatedly.
        return Err(AuthError::refused_with_code(Message::TokenBlacklisted));
    };
    let old = super::row(old, Some(user.id));
    if auth.store().rotate(&old, None, now).await? == rest_auth_store::Blacklisting::Already {
        return Err(token_refused(TokenError::Blacklisted));
    }
    let mut claims = claims.clone();
    claims.insert(SID, family.id());
    claims.insert(super::EPOCH, user.epoch);
    let first = RefreshToken {
        jti: random::hex(auth.random(), 16),
        issued_at: now,
        expires_at: after(now, tokens.settings().refresh_token_lifetime),
    };
    auth.store().create_family(&family.0, &first, None).await?;
    sign(auth, &claims, &first)
}

/// Signs a refresh token with the claims of its predecessor. The same token comes out each time.
fn sign(auth: &Auth, claims: &Claims, token: &RefreshToken) -> Result<SignedRefresh, AuthError> {
    let tokens = auth.tokens()?;
    let mut claims = claims.clone();
    if let Some(name) = &tokens.settings().jti_claim {
        claims.insert(name, token.jti.as_str());
    }
    claims.insert("exp", token.expires_at.timestamp());
    claims.insert("iat", token.issued_at.timestamp());
    let text = tokens.encode(&claims).map_err(AuthError::internal)?;
    Ok(SignedRefresh { text, expires_at: token.expires_at, claims })
}
