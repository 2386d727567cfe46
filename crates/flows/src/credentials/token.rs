//! API tokens: a random text in the `Authorization` header.
//!
//! `rest_auth.token_storage` says which: DRF's, one for each user, kept in the clear in its table
//! and good until it is deleted; or one for each login, kept as a digest, with an end.

use chrono::{DateTime, TimeDelta, Utc};
use rest_auth_domain::clock::after;
use rest_auth_domain::message::Message;
use rest_auth_domain::opaque_token::{OpaqueToken, TokenKey, digest_of};
use rest_auth_store::{DeviceToken, Login, NewDeviceToken, User};

use crate::auth::Auth;
use crate::client::Client;
use crate::context::Context;
use crate::error::AuthError;
use crate::evidence::{Evidence, beside};
use crate::login::admitted::Admitted;
use crate::settings::rest_auth::TokenStorage;

/// `last_used_at` is written at most this often, unless `rest_auth.token_idle_timeout` is so short
/// that a token in use would end.
const LAST_USED_RESOLUTION: TimeDelta = TimeDelta::seconds(60);

/// A token in the clear. It has no `Debug`, because it holds secrets.
pub struct ApiToken(String);

impl ApiToken {
    /// The text to send.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for ApiToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ApiToken(..)")
    }
}

/// Issues a token: DRF's existing one, or a new one for this device.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn issue(
    auth: &Auth,
    context: &Context,
    admitted: &Admitted,
    login: &str,
) -> Result<ApiToken, AuthError> {
    let (user, now) = (admitted.user(), auth.now());
    match auth.settings().rest_auth.token_storage {
        TokenStorage::Django => {
            let new_key = TokenKey::generate(auth.random());
            let row = auth.store().get_or_create_token(user.id, new_key.as_str(), now).await?;
            let digest = digest_of(&row.key);
            beside::note_login(auth, user, &digest, admitted.factors()).await?;
            Ok(ApiToken(row.key))
        }
        TokenStorage::Digest => {
            let token = OpaqueToken::generate(auth.random());
            let client = context.client.clone();
            let evidence = Evidence::of_login(admitted.factors());
            let to = IssuedTo { client, login: Some(login), evidence };
            insert(auth, user, token.as_str(), to).await?;
            Ok(ApiToken(token.as_str().to_owned()))
        }
    }
}

/// Gives a user a token from another system. In DRF's table it replaces the former one.
///
/// # Errors
/// Errors of the database, also if the token belongs to another user.
pub(crate) async fn adopt(auth: &Auth, user: &User, token: &str) -> Result<(), AuthError> {
    match auth.settings().rest_auth.token_storage {
        TokenStorage::Django => {
            auth.store().replace_token(user.id, token, auth.now()).await?;
        }
        TokenStorage::Digest => insert(auth, user, token, IssuedTo::default()).await?,
    }
    Ok(())
}

/// The device that a token is issued to, the login and what that proved; none of it for a token from
/// elsewhere.
#[derive(Default)]
struct IssuedTo<'a> {
    client: Client,
    login: Option<&'a str>,
    evidence: Evidence,
}

async fn insert(auth: &Auth, user: &User, token: &str, to: IssuedTo<'_>) -> Result<(), AuthError> {
    let now = auth.now();
    let row = NewDeviceToken {
        digest: digest_of(token),
        user_id: user.id,
        epoch: user.epoch,
        created_at: now,
        expires_at: auth.settings().rest_auth.token_lifetime.map(|lifetime| after(now, lifetime)),
        client: (&to.client).into(),
        login: to.login.map(str::to_owned),
        evidence: to.evidence.written(),
    };
    auth.store().insert_device_token(&row).await?;
    Ok(())
}

/// The user of a token.
///
/// # Errors
/// [`AuthError::Unauthenticated`] for an unknown or ended token and for an inactive user.
pub async fn authenticate(auth: &Auth, shown: &str) -> Result<User, AuthError> {
    let user = match auth.settings().rest_auth.token_storage {
        TokenStorage::Django => match TokenKey::parse(shown) {
            Some(key) => auth.store().token_user(key.as_str()).await?,
            None => None,
        },
        TokenStorage::Digest => device_token_user(auth, shown).await?,
    };
    let user = user.ok_or_else(|| AuthError::refused(Message::UnknownToken))?;
    if user.is_active { Ok(user) } else { Err(AuthError::refused(Message::UserInactiveOrDeleted)) }
}

/// The login that the token of a device was handed out by.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn login_of(auth: &Auth, shown: &str) -> Result<Option<Login>, AuthError> {
    if auth.settings().rest_auth.token_storage != TokenStorage::Digest {
        return Ok(None);
    }
    let found = auth.store().device_token(&digest_of(shown)).await?;
    Ok(found.and_then(|(row, _)| Some(Login { user_id: row.user_id, id: row.login? })))
}

/// Ends the user's DRF token, or the token of this device.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn revoke(auth: &Auth, user: &User, shown: Option<&str>) -> Result<(), AuthError> {
    match auth.settings().rest_auth.token_storage {
        TokenStorage::Django => {
            auth.store().delete_tokens_of(user.id).await?;
        }
        TokenStorage::Digest => {
            if let Some(shown) = shown {
                auth.store().delete_device_token(&digest_of(shown)).await?;
            }
        }
    }
    Ok(())
}

async fn device_token_user(auth: &Auth, shown: &str) -> Result<Option<User>, AuthError> {
    // The digest is looked up for any text, because an administrator may have imported tokens of
    // another system.
    let Some((row, user)) = auth.store().device_token(&digest_of(shown)).await? else {
        return Ok(None);
    };
    if !user.is_active {
        return Ok(Some(user));
    }
    let now = auth.now();
    if is_dead(auth, &row, &user, now) {
        auth.store().delete_device_token(&row.digest).await?;
        return Ok(None);
    }
    if now - row.last_used_at >= last_used_resolution(auth) {
        auth.store().touch_device_token(row.id, now).await?;
    }
    Ok(Some(user))
}

/// A token that ends soon without use is noted more often, or it would end while it is in use.
fn last_used_resolution(auth: &Auth) -> TimeDelta {
    let idle_timeout = auth.settings().rest_auth.token_idle_timeout;
    let idle_timeout = idle_timeout.and_then(|timeout| TimeDelta::from_std(timeout).ok());
    idle_timeout.map_or(LAST_USED_RESOLUTION, |timeout| LAST_USED_RESOLUTION.min(timeout / 60))
}

/// Past its end, unused for too long, or older than a change of the password, address or factors.
fn is_dead(auth: &Auth, row: &DeviceToken, user: &User, now: DateTime<Utc>) -> bool {
    let idle_timeout = auth.settings().rest_auth.token_idle_timeout;
    let idle_end = idle_timeout.map(|timeout| after(row.last_used_at, timeout));
    row.epoch != user.epoch
        || row.expires_at.is_some_and(|end| end <= now)
        || idle_end.is_some_and(|end| end <= now)
}
