//! Access and refresh tokens: issued, read, accepted, renewed.

use std::fmt;

use chrono::{DateTime, Utc};

use super::claims::Claims;
use super::keys::{JwtKeys, SigningError};
use super::settings::TokenSettings;
use super::user::{self, TokenUser};
use super::{encode, verify};
use crate::clock;
use crate::random::{self, RandomSource};

/// The longest id that the blacklist can hold, in characters.
const LONGEST_ID: usize = 255;

/// The type of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// Authenticates requests.
    Access,
    /// Obtains new access tokens.
    Refresh,
    /// Both at once (SimpleJWT's sliding tokens); accepted, never issued.
    Sliding,
    /// Any of them: `token/verify/` asks for no type.
    Any,
}

impl TokenKind {
    /// The value of the type claim, and `token_type` in the messages of a refused token.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Refresh => "refresh",
            Self::Sliding => "sliding",
            Self::Any => "untyped",
        }
    }
}

/// Why a token is refused. `Display` is SimpleJWT's sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Malformed, signed with another key, not yet in force, or for another audience.
    #[error("Token is invalid")]
    Invalid,
    /// The signature is good and the token has expired.
    #[error("Token is expired")]
    Expired,
    /// Revoked. Only the store knows this.
    #[error("Token is blacklisted")]
    Blacklisted,
    /// Without an expiry, which is never accepted.
    #[error("Token has no 'exp' claim")]
    NoExpiry,
    /// Without the id by which it could be revoked.
    #[error("Token has no id")]
    NoId,
    /// Without the claim for its type.
    #[error("Token has no type")]
    NoType,
    /// Of another type.
    #[error("Token has wrong type")]
    WrongType,
}

/// A token with a good signature that is in force and whose kind is not checked yet.
/// [`Tokens::accept`] turns it into claims. `Debug` prints the names of claims only.
#[derive(Clone, Debug)]
pub struct SignedToken(Claims);

/// Further claims of a pair. They never replace a claim that the tokens have anyway.
#[derive(Clone, Debug, Default)]
pub struct CustomClaims {
    /// Those of both tokens.
    pub of_both: Claims,
    /// Those of the access token alone.
    pub of_access: Claims,
}

/// A row of `token_blacklist_outstandingtoken`, except for its user. `Debug` does not print the token.
#[derive(Clone, PartialEq, Eq)]
pub struct OutstandingToken {
    /// The token's id.
    pub jti: String,
    /// Its full text.
    pub token: String,
    /// When the row was made.
    pub created_at: DateTime<Utc>,
    /// When the token ends by itself.
    pub expires_at: DateTime<Utc>,
}

impl fmt::Debug for OutstandingToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutstandingToken")
            .field("jti", &self.jti)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// The two tokens of a login. `Debug` prints neither.
#[derive(Clone)]
pub struct TokenPair {
    /// The access token.
    pub access: String,
    /// The refresh token.
    pub refresh: String,
    /// What to record of the refresh token. Its text lacks the custom claims: SimpleJWT records
    /// the token before they are added. `None` if tokens have no id.
    pub outstanding: Option<OutstandingToken>,
}

impl fmt::Debug for TokenPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenPair(..)")
    }
}

/// A refresh token that replaces an older one. `Debug` does not print it.
#[derive(Clone)]
pub struct RotatedRefresh {
    /// The new refresh token.
    pub refresh: String,
    /// What to record of it. `None` if tokens have no id.
    pub outstanding: Option<OutstandingToken>,
}

impl fmt::Debug for RotatedRefresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RotatedRefresh(..)")
    }
}

/// Issues and reads tokens with one set of keys under one set of settings. Made once at start.
#[derive(Debug)]
pub struct Tokens {
    keys: JwtKeys,
    settings: TokenSettings,
    header: String,
}

impl Tokens {
    /// Tokens signed and checked with `keys`.
    #[must_use]
    pub fn new(keys: JwtKeys, settings: TokenSettings) -> Self {
        let header = encode::header(&keys, &settings);
        Self { keys, settings, header }
    }

    /// The keys in use.
    #[must_use]
    pub fn keys(&self) -> &JwtKeys {
        &self.keys
    }

    /// The settings in use.
    #[must_use]
    pub fn settings(&self) -> &TokenSettings {
        &self.settings
    }

    /// The claims of a token of this kind; for tokens that are not blacklisted.
    ///
    /// # Errors
    /// [`TokenError`], in SimpleJWT's order.
    pub fn verify(
        &self,
        token: impl AsRef<[u8]>,
        kind: TokenKind,
        now: DateTime<Utc>,
    ) -> Result<Claims, TokenError> {
        self.accept(self.read(token, now)?, kind)
    }

    /// The first half of [`verify`](Self::verify): signature, times, audience and issuer. Between
    /// the halves SimpleJWT looks at the blacklist, with [`id`](Self::id).
    ///
    /// # Errors
    /// [`TokenError::Invalid`] or [`TokenError::Expired`].
    pub fn read(
        &self,
        token: impl AsRef<[u8]>,
        now: DateTime<Utc>,
    ) -> Result<SignedToken, TokenError> {
        verify::verify(token.as_ref(), &self.header, &self.keys, &self.settings, now)
            .map(SignedToken)
    }

    /// The id by which the blacklist knows a token.
    ///
    /// # Errors
    /// [`TokenError::NoId`], where SimpleJWT fails with a server error.
    pub fn id<'t>(&self, token: &'t SignedToken) -> Result<&'t str, TokenError> {
        self.jti(&token.0).ok_or(TokenError::NoId)
    }

    /// The second half of [`verify`](Self::verify): expiry, id and type must be there and right.
    ///
    /// # Errors
    /// [`TokenError`]; an expiry that is no number is invalid, where SimpleJWT fails.
    pub fn accept(&self, token: SignedToken, kind: TokenKind) -> Result<Claims, TokenError> {
        let SignedToken(claims) = token;
        if !claims.contains("exp") {
            return Err(TokenError::NoExpiry);
        }
        if claims.expires_at().is_none() {
            return Err(TokenError::Invalid);
        }
        if self.settings.jti_claim.as_ref().is_some_and(|name| !claims.contains(name)) {
            return Err(TokenError::NoId);
        }
        if let (Some(name), false) = (&self.settings.token_type_claim, kind == TokenKind::Any) {
            let token_type = claims.get(name).ok_or(TokenError::NoType)?;
            if token_type.as_str() != Some(kind.name()) {
                return Err(TokenError::WrongType);
            }
        }
        Ok(claims)
    }

    /// A refresh token for the user with `custom` claims, and the first access token made from
    /// it. Custom claims never replace ours.
    ///
    /// # Errors
    /// [`SigningError`].
    pub fn issue_pair(
        &self,
        user: &TokenUser<'_>,
        custom: &CustomClaims,
        now: DateTime<Utc>,
        random: &dyn RandomSource,
    ) -> Result<TokenPair, SigningError> {
        let mut refresh = self.fresh(TokenKind::Refresh, now, random);
        refresh.insert(&self.settings.user_id_claim, user.id);
        if self.settings.check_revoke_token {
            let digest = user::password_digest(user.password);
            refresh.insert(&self.settings.revoke_token_claim, digest);
        }
        let recorded = self.encode(&refresh)?;
        let outstanding = self.outstanding(&refresh, &recorded, now);
        refresh.add_missing(&custom.of_both);
        let mut access = refresh.clone();
        access.add_missing(&custom.of_access);
        let access = self.access_from_refresh(&access, now, random)?;
        let refresh = if custom.of_both.is_empty() { recorded } else { self.encode(&refresh)? };
        Ok(TokenPair { access, refresh, outstanding })
    }

    /// A new access token with all claims of an accepted refresh token but type, times and id.
    ///
    /// # Errors
    /// [`SigningError`].
    pub fn access_from_refresh(
        &self,
        refresh: &Claims,
        now: DateTime<Utc>,
        random: &dyn RandomSource,
    ) -> Result<String, SigningError> {
        let mut access = self.fresh(TokenKind::Access, now, random);
        let own = [self.settings.token_type_claim.as_deref(), self.settings.jti_claim.as_deref()];
        for (name, value) in refresh.iter() {
            if !matches!(name, "exp" | "iat" | "jti") && !own.contains(&Some(name)) {
                access.insert(name, value.clone());
            }
        }
        self.encode(&access)
    }

    /// A refresh token in place of an accepted one, with its claims but a new id and new times.
    /// The store revokes the old one.
    ///
    /// # Errors
    /// [`SigningError`].
    pub fn rotate(
        &self,
        refresh: &Claims,
        now: DateTime<Utc>,
        random: &dyn RandomSource,
    ) -> Result<RotatedRefresh, SigningError> {
        let mut claims = refresh.clone();
        if let Some(name) = &self.settings.jti_claim {
            claims.insert(name, new_id(random));
        }
        claims.insert("exp", clock::after(now, self.settings.refresh_token_lifetime).timestamp());
        claims.insert("iat", now.timestamp());
        let refresh = self.encode(&claims)?;
        let outstanding = self.outstanding(&claims, &refresh, now);
        Ok(RotatedRefresh { refresh, outstanding })
    }

    /// What to record of a refresh token, for one that is blacklisted without having been
    /// recorded. `None` if it has no id or no expiry.
    #[must_use]
    pub fn outstanding(
        &self,
        claims: &Claims,
        token: &str,
        now: DateTime<Utc>,
    ) -> Option<OutstandingToken> {
        Some(OutstandingToken {
            jti: self.jti(claims)?.to_owned(),
            token: token.to_owned(),
            created_at: now,
            expires_at: claims.expires_at()?,
        })
    }

    /// Signs claims as they are, with `aud` and `iss` added if configured.
    ///
    /// # Errors
    /// [`SigningError`].
    pub fn encode(&self, claims: &Claims) -> Result<String, SigningError> {
        encode::token(&self.header, claims.clone(), &self.keys, &self.settings)
    }

    fn fresh(&self, kind: TokenKind, now: DateTime<Utc>, random: &dyn RandomSource) -> Claims {
        let lifetime = match kind {
            TokenKind::Refresh => self.settings.refresh_token_lifetime,
            _ => self.settings.access_token_lifetime,
        };
        let mut claims = Claims::new();
        if let Some(name) = &self.settings.token_type_claim {
            claims.insert(name, kind.name());
        }
        claims.insert("exp", clock::after(now, lifetime).timestamp());
        claims.insert("iat", now.timestamp());
        if let Some(name) = &self.settings.jti_claim {
            claims.insert(name, new_id(random));
        }
        claims
    }

    /// The id of a token; none if no column could hold it.
    fn jti<'c>(&self, claims: &'c Claims) -> Option<&'c str> {
        let id = claims.text(self.settings.jti_claim.as_deref()?)?;
        id.chars().nth(LONGEST_ID).is_none().then_some(id)
    }
}

/// 128 random bits as 32 lower-case hexadecimal digits, the form of SimpleJWT's `uuid4().hex`.
fn new_id(random: &dyn RandomSource) -> String {
    random::hex(random, 16)
}

#[cfg(test)]
mod tests;
