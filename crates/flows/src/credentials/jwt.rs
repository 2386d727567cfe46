//! JSON Web Tokens: an access token for requests, and a refresh token that makes new ones.
//!
//! There are two ways to revoke refresh tokens, both off in a plain SimpleJWT: its blacklist
//! (`apps.token_blacklist`), and families (`simple_jwt.refresh_families`), where each login starts
//! a chain of refresh tokens of which only the last is good, and the reuse of an older one ends
//! the whole chain together with its access tokens.

pub(crate) mod auth_claims;
pub mod claims;
mod family;
mod refresh;
mod subject;

pub use refresh::{NewRefresh, Refreshed, refresh};

use chrono::{DateTime, Utc};
use rest_auth_domain::clock::after;
use rest_auth_domain::jwt::user::check;
use rest_auth_domain::jwt::{
    Claims, CustomClaims, OutstandingToken, SignedToken, TokenError, TokenKind, TokenUser, Tokens,
    UserError,
};
use rest_auth_domain::message::Message;
use rest_auth_domain::opaque_token::digest_of;
use rest_auth_store::{Blacklisting, Family, Login, NewOutstanding, User, UserWithPassword};

use crate::auth::Auth;
use crate::context::Context;
use crate::error::AuthError;
use crate::evidence::{Evidence, beside};
use crate::login::admitted::Admitted;

/// The claim that carries the user's epoch.
const EPOCH: &str = "epoch";
/// The claim that names the refresh family, in the spelling of `OpenID` Connect.
const SID: &str = "sid";

/// The two tokens of a login. They have no `Debug`, because they are secrets.
pub struct JwtPair {
    /// Is sent with requests.
    pub access: String,
    /// Makes new access tokens.
    pub refresh: String,
    /// When the access token ends.
    pub access_expires_at: DateTime<Utc>,
    /// When the refresh token ends.
    pub refresh_expires_at: DateTime<Utc>,
}

impl std::fmt::Debug for JwtPair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JwtPair(..)")
    }
}

/// Issues a pair of tokens, and records the refresh token so that it can be revoked.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn issue(
    auth: &Auth,
    context: &Context,
    admitted: &Admitted,
    login: &str,
) -> Result<JwtPair, AuthError> {
    let tokens = auth.tokens()?;
    let user = admitted.user();
    let now = auth.now();
    let evidence = Evidence::of_login(admitted.factors());
    let family = family::start(auth, context, user, Some(login), &evidence);
    let mut custom = CustomClaims::default();
    if auth.settings().simple_jwt.check_epoch {
        custom.of_both.insert(EPOCH, user.epoch);
    }
    if let Some(family) = &family {
        custom.of_both.insert(SID, family.id());
    }
    if auth.settings().simple_jwt.auth_claims {
        auth_claims::add_to(&mut custom.of_both, &evidence);
    }
    let in_both = auth.settings().simple_jwt.claims_in_refresh_tokens;
    let claims = if in_both { &mut custom.of_both } else { &mut custom.of_access };
    let fields = &auth.settings().user.extra_fields;
    auth.claims().add_to(auth.store(), fields, user, claims).await?;
    let id = subject::of(auth, user);
    let password = admitted.password().as_str();
    let subject = TokenUser { id: &id, is_active: user.is_active, password };
    let pair =
        tokens.issue_pair(&subject, &custom, now, auth.random()).map_err(AuthError::internal)?;
    if family.is_none() {
        let digest = digest_of(&pair.access);
        beside::note_login(auth, user, &digest, admitted.factors()).await?;
    }
    if let Some(outstanding) = pair.outstanding {
        let recorded = auth.settings().apps.token_blacklist;
        let recorded = recorded.then(|| row(outstanding.clone(), Some(user.id)));
        match (family, &recorded) {
            (Some(family), _) => family.record(auth, &outstanding, recorded.as_ref()).await?,
            (None, Some(row)) => auth.store().insert_outstanding(row).await.map(drop)?,
            (None, None) => {}
        }
    }
    Ok(JwtPair {
        access: pair.access,
        refresh: pair.refresh,
        access_expires_at: after(now, tokens.settings().access_token_lifetime),
        refresh_expires_at: after(now, tokens.settings().refresh_token_lifetime),
    })
}

/// The user of an access token.
///
/// # Errors
/// [`AuthError::Unauthenticated`], with SimpleJWT's codes; also where `rest_auth.use_jwt` is off,
/// since no token is good there.
pub async fn authenticate(auth: &Auth, shown: &[u8]) -> Result<User, AuthError> {
    let no_tokens = |_| AuthError::refused_access_token(TokenError::Invalid.into());
    let tokens = auth.tokens().map_err(no_tokens)?;
    let claims = tokens
        .verify(shown, TokenKind::Access, auth.now())
        .map_err(|error| AuthError::refused_access_token(error.into()))?;
    user_of(auth, &claims).await
}

/// Checks that a token was signed by this server, is in force and is not revoked; with
/// `simple_jwt.verify_checks_user` also that its user may use it.
///
/// # Errors
/// [`AuthError::Unauthenticated`] for a token that is not valid, [`AuthError::Invalid`] for a
/// blacklisted one.
pub async fn verify(auth: &Auth, shown: &str) -> Result<(), AuthError> {
    let tokens = auth.tokens()?;
    let now = auth.now();
    let checks_user = auth.settings().simple_jwt.verify_checks_user;
    if checks_user {
        // A refresh token does not authenticate requests. Only refresh tokens can be blacklisted.
        let claims = tokens.verify(shown, TokenKind::Access, now).map_err(token_refused)?;
        return user_of(auth, &claims).await.map(drop);
    }
    let claims = tokens.verify(shown, TokenKind::Any, now).map_err(token_refused)?;
    if auth.settings().apps.token_blacklist
        && let Some(outstanding) = tokens.outstanding(&claims, shown, now)
        && auth.store().is_blacklisted(&outstanding.jti).await?
    {
        return Err(AuthError::form(Message::TokenBlacklisted));
    }
    Ok(())
}

/// The result of a revocation.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Revocation {
    /// The token is revoked.
    Done,
    /// The token was not valid before, for this reason. A logout answers 401 without a challenge.
    Refused(Message),
}

/// Revokes a refresh token; with families, the whole family.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn revoke(auth: &Auth, shown: &str) -> Result<Revocation, AuthError> {
    let tokens = auth.tokens()?;
    let now = auth.now();
    let signed = match tokens.read(shown, now) {
        Ok(signed) => signed,
        Err(error) => return Ok(Revocation::Refused(error.into())),
    };
    if auth.settings().apps.token_blacklist
        && let Err(error) = tokens.id(&signed)
    {
        return Ok(Revocation::Refused(error.into()));
    }
    if is_taken_back(auth, tokens, &signed).await? {
        return Ok(Revocation::Refused(Message::TokenBlacklisted));
    }
    let claims = match tokens.accept(signed, TokenKind::Refresh) {
        Ok(claims) => claims,
        Err(error) => return Ok(Revocation::Refused(error.into())),
    };
    if let Some(id) = claims.text(SID) {
        auth.store().revoke_family(id, now).await?;
    }
    if auth.settings().apps.token_blacklist
        && let Some(outstanding) = tokens.outstanding(&claims, shown, now)
    {
        let user_id = subject::existing(auth, tokens, &claims).await?;
        let outcome = auth.store().blacklist(&row(outstanding, user_id), now).await?;
        if outcome == Blacklisting::Already {
            return Ok(Revocation::Refused(Message::TokenBlacklisted));
        }
    }
    Ok(Revocation::Done)
}

/// Ends the family that an access token belongs to, and tells whether there was one.
///
/// # Errors
/// Errors of the database. A token that is not valid has no family.
pub(crate) async fn revoke_family_of(auth: &Auth, access: &[u8]) -> Result<bool, AuthError> {
    match family_in(auth, access, TokenKind::Access) {
        Some(family) => Ok(auth.store().revoke_family(&family, auth.now()).await?),
        None => Ok(false),
    }
}

/// The login that a token was handed out by, `kind` saying which of the two it must be.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn login_of(
    auth: &Auth,
    shown: &[u8],
    kind: TokenKind,
) -> Result<Option<Login>, AuthError> {
    match family_in(auth, shown, kind) {
        Some(family) => Ok(auth.store().login_of_family(&family).await?),
        None => Ok(None),
    }
}

/// The family of the access token that a request was authenticated by.
pub(crate) fn family_of(auth: &Auth, access: Option<&[u8]>) -> Option<String> {
    family_in(auth, access?, TokenKind::Access)
}

/// The family that a token names, if the token is good.
fn family_in(auth: &Auth, shown: &[u8], kind: TokenKind) -> Option<String> {
    let tokens = auth.tokens().ok().filter(|_| auth.settings().simple_jwt.refresh_families)?;
    let claims = tokens.verify(shown, kind, auth.now()).ok()?;
    claims.text(SID).map(str::to_owned)
}

async fn is_taken_back(
    auth: &Auth,
    tokens: &Tokens,
    signed: &SignedToken,
) -> Result<bool, AuthError> {
    if !auth.settings().apps.token_blacklist {
        return Ok(false);
    }
    match tokens.id(signed) {
        Ok(id) => Ok(auth.store().is_blacklisted(id).await?),
        Err(error) => Err(token_refused(error)),
    }
}

/// The user that a token names, if the token is still valid for them.
async fn user_of(auth: &Auth, claims: &Claims) -> Result<User, AuthError> {
    let tokens = auth.tokens()?;
    let id = match subject::id_in(auth, tokens, claims).await? {
        Ok(id) => id,
        Err(UserError::NotFound) => {
            return Err(AuthError::refused_with_code(Message::UserNotFound));
        }
        Err(_) => return Err(AuthError::refused_with_code(Message::TokenWithoutUser)),
    };
    let Some(Named { user, is_over, .. }) = named(auth, id, claims).await? else {
        return Err(AuthError::refused_with_code(Message::UserNotFound));
    };
    let user = check_user(tokens, user, claims).map_err(user_refused)?;
    if is_over {
        return Err(AuthError::refused_access_token(Message::TokenBlacklisted));
    }
    Ok(user)
}

/// The user that a token names, before [`check_user`].
struct Named {
    user: UserWithPassword,
    /// Whether everything of the token's family, or of its epoch, has ended.
    is_over: bool,
    /// What was proven with the token's family, as JSON.
    evidence: Option<String>,
}

/// Looks the user up and, in the same query, whether the token's family still lives.
async fn named(auth: &Auth, id: i64, claims: &Claims) -> Result<Option<Named>, AuthError> {
    let settings = &auth.settings().simple_jwt;
    let found = match claims.text(SID).filter(|_| settings.refresh_families) {
        None => {
            let none = Family::Alive { epoch: 0, evidence: None };
            auth.store().user_with_password(id).await?.map(|user| (user, none))
        }
        Some(family) => auth.store().user_by_id_with_family(id, family, auth.now()).await?,
    };
    Ok(found.map(|(user, family)| Named::of(auth, claims, user, family)))
}

impl Named {
    fn of(auth: &Auth, claims: &Claims, user: UserWithPassword, family: Family) -> Self {
        // A token without the claim counts as issued in the first epoch, so that tokens from
        // another server stay valid until the user's epoch is raised.
        let claimed = claims.integer(EPOCH).unwrap_or_default();
        let checks = auth.settings().simple_jwt.check_epoch;
        let (is_over, evidence) = match family {
            Family::Dead => (true, None),
            // The family of whoever changed their factors continues under the epoch after that.
            Family::Alive { epoch, evidence } => {
                (checks && claimed.max(epoch) != user.user.epoch, evidence)
            }
        };
        Self { user, is_over, evidence }
    }
}

/// Checks whether a token is still good for its user. The hash of the password, which
/// `simple_jwt.check_revoke_token` compares, goes no further.
fn check_user(
    tokens: &Tokens,
    named: UserWithPassword,
    claims: &Claims,
) -> Result<User, UserError> {
    let UserWithPassword { user, password, .. } = named;
    let id = user.id.to_string();
    let subject = TokenUser { id: &id, is_active: user.is_active, password: password.as_str() };
    check(&subject, claims, tokens.settings()).map(|()| user)
}

fn row(outstanding: OutstandingToken, user_id: Option<i64>) -> NewOutstanding {
    NewOutstanding {
        jti: outstanding.jti,
        token: outstanding.token,
        user_id,
        created_at: Some(outstanding.created_at),
        expires_at: outstanding.expires_at,
    }
}

fn token_refused(error: TokenError) -> AuthError {
    AuthError::refused_with_code(error.into())
}

fn user_refused(error: UserError) -> AuthError {
    AuthError::refused_with_code(error.into())
}
