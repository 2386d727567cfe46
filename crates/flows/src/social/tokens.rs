//! What a provider issued for an account, where `socialaccount.store_tokens` says that it is kept.

use std::time::Duration;

use chrono::TimeDelta;
use rest_auth_domain::clock::after;
use rest_auth_domain::encrypted::{Cipher, looks_encrypted};
use rest_auth_domain::opaque_token::digest_of;
use rest_auth_social::{Identity, ProviderTokens, SocialError};
use rest_auth_store::{NewOneTime, SocialAccount, SocialToken, StoreError};

use crate::auth::Auth;
use crate::error::AuthError;

/// What the tokens are encrypted for.
const PURPOSE: &str = "social_token";

/// A token is renewed this long before it ends.
const MARGIN: TimeDelta = TimeDelta::seconds(60);

/// Under which kind it is remembered that somebody renews the token of an account.
const RENEWAL: &str = "social_renewal";

/// How long a request looks whether another one has renewed the token.
const PATIENCE: Duration = Duration::from_millis(100);

/// How many times as long as a request to the provider a renewal may take, which may be several.
const REQUESTS: u32 = 6;

/// Keeps the tokens of an account. An ID token by itself brings none.
///
/// # Errors
/// Errors of the database.
pub(super) async fn keep(
    auth: &Auth,
    account: &SocialAccount,
    identity: &Identity,
) -> Result<(), AuthError> {
    let issued = &identity.tokens;
    if !auth.settings().social.store_tokens || issued.access_token.is_empty() {
        return Ok(());
    }
    keep_issued(auth, account, issued).await
}

/// An access token of an account for requests to the provider, where tokens are kept. One that ends
/// is renewed, by one request at a time: many providers take each refresh token once only, and end
/// the login when they see one again. `None`: there is none that is good.
///
/// # Errors
/// [`AuthError::Provider`] if it has to be renewed and the provider does not answer.
pub async fn access_token(
    auth: &Auth,
    account: &SocialAccount,
) -> Result<Option<String>, AuthError> {
    let longest = auth.settings().social.requests_timeout * REQUESTS;
    let mut waited = Duration::ZERO;
    loop {
        match kept(auth, account).await? {
            KeptToken::Good(token) => return Ok(Some(token)),
            KeptToken::Nothing => return Ok(None),
            KeptToken::Over(_) => {}
        }
        if let Some(turn) = take_turn(auth, account, longest).await? {
            let renewed = renew(auth, account).await;
            auth.store().delete_one_time(turn).await?;
            return renewed;
        }
        if waited >= longest {
            let reason = "another request has been renewing the token for too long".to_owned();
            return Err(AuthError::Provider(SocialError::Unavailable(reason).into()));
        }
        tokio::time::sleep(PATIENCE).await;
        waited += PATIENCE;
    }
}

/// What is kept for an account.
enum KeptToken {
    /// An access token that is good for a while.
    Good(String),
    /// One that ends, and what renews it.
    Over(String),
    /// Nothing that is good or can be renewed.
    Nothing,
}

async fn kept(auth: &Auth, account: &SocialAccount) -> Result<KeptToken, AuthError> {
    let client_id = client_id(auth, account);
    let Some(kept) = auth.store().social_token(account, client_id).await? else {
        return Ok(KeptToken::Nothing);
    };
    if kept.expires_at.is_none_or(|end| auth.now() + MARGIN < end) {
        return Ok(
            opened(auth, account.id, &kept.token).map_or(KeptToken::Nothing, KeptToken::Good)
        );
    }
    let refresh = opened(auth, account.id, &kept.token_secret).filter(|token| !token.is_empty());
    Ok(refresh.map_or(KeptToken::Nothing, KeptToken::Over))
}

/// Takes the turn to renew the token of an account, among all servers; `None`: another request has
/// it. It ends by itself, for a server may stop in the middle.
async fn take_turn(
    auth: &Auth,
    account: &SocialAccount,
    longest: Duration,
) -> Result<Option<i64>, AuthError> {
    let now = auth.now();
    let turn = NewOneTime {
        kind: RENEWAL.to_owned(),
        digest: digest_of(&format!("{RENEWAL}\n{}", account.id)),
        user_id: Some(account.user_id),
        epoch: 0,
        data: String::new(),
        created_at: now,
        expires_at: after(now, longest),
    };
    match auth.store().insert_one_time(&turn).await {
        Ok(id) => return Ok(Some(id)),
        Err(StoreError::Taken(_)) => {}
        Err(error) => return Err(error.into()),
    }
    if auth.store().one_time(RENEWAL, &turn.digest, now).await?.is_some() {
        return Ok(None);
    }
    // Whoever had it is gone. Of those who see this one gets it.
    auth.store().delete_expired_one_times(now).await?;
    match auth.store().insert_one_time(&turn).await {
        Ok(id) => Ok(Some(id)),
        Err(StoreError::Taken(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Renews the token of an account, unless somebody has done so before it was this one's turn.
async fn renew(auth: &Auth, account: &SocialAccount) -> Result<Option<String>, AuthError> {
    let refresh = match kept(auth, account).await? {
        KeptToken::Good(token) => return Ok(Some(token)),
        KeptToken::Nothing => return Ok(None),
        KeptToken::Over(refresh) => refresh,
    };
    match auth.social().refresh(&account.provider, &refresh, auth.now()).await {
        Ok(mut issued) => {
            if issued.refresh_token.is_empty() {
                issued.refresh_token = refresh;
            }
            keep_issued(auth, account, &issued).await?;
            Ok(Some(issued.access_token))
        }
        Err(error @ (SocialError::Document(_) | SocialError::Unavailable(_))) => {
            Err(AuthError::Provider(error.into()))
        }
        Err(error) => {
            tracing::info!(account = account.id, %error, "a provider renews no token");
            Ok(None)
        }
    }
}

async fn keep_issued(
    auth: &Auth,
    account: &SocialAccount,
    issued: &ProviderTokens,
) -> Result<(), AuthError> {
    let client_id = client_id(auth, account);
    let refresh = match &*issued.refresh_token {
        // Most providers send one at the first login only.
        "" => {
            let before = auth.store().social_token(account, client_id).await?;
            before.map(|kept| kept.token_secret).unwrap_or_default()
        }
        token => sealed(auth, account.id, token),
    };
    let lifetime = issued.expires_in.and_then(|seconds| i64::try_from(seconds).ok());
    let expires_at = lifetime
        .and_then(TimeDelta::try_seconds)
        .and_then(|lifetime| auth.now().checked_add_signed(lifetime));
    let token = SocialToken {
        token: sealed(auth, account.id, &issued.access_token),
        token_secret: refresh,
        expires_at,
    };
    Ok(auth.store().keep_social_token(account, client_id, &token).await?)
}

/// Our id at the provider of an account; empty if the provider is not configured any more.
fn client_id<'a>(auth: &'a Auth, account: &SocialAccount) -> &'a str {
    auth.social().settings(&account.provider).map_or("", |entry| entry.client_id())
}

/// A stored token; `None` if it cannot be read. One from before tokens were encrypted is plain.
fn opened(auth: &Auth, account_id: i64, stored: &str) -> Option<String> {
    let about = about(account_id);
    match Cipher::new(auth.keys(), PURPOSE).decrypt(stored, &about) {
        Ok(token) => Some(token.to_string()),
        Err(_) if looks_encrypted(stored) => None,
        Err(_) => Some(stored.to_owned()),
    }
}

fn about(account_id: i64) -> String {
    format!("socialaccount/{account_id}")
}

fn sealed(auth: &Auth, account_id: i64, token: &str) -> String {
    if token.is_empty() || !auth.settings().social.encrypt_tokens {
        return token.to_owned();
    }
    let about = about(account_id);
    Cipher::new(auth.keys(), PURPOSE).encrypt(token, &about, auth.random())
}
