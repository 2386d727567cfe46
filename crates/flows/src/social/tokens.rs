//! What a provider issued for an account, where `socialaccount.store_tokens` says that it is kept.

use chrono::TimeDelta;
use rest_auth_domain::encrypted::Cipher;
use rest_auth_social::{Identity, ProviderTokens, SocialError};
use rest_auth_store::{SocialAccount, SocialToken};

use crate::auth::Auth;
use crate::error::AuthError;

/// What the tokens are encrypted for.
const PURPOSE: &str = "social_token";

/// A token is renewed this long before it ends.
const MARGIN: TimeDelta = TimeDelta::seconds(60);

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
/// is renewed. `None`: there is none that is good.
///
/// # Errors
/// [`AuthError::Provider`] if it has to be renewed and the provider does not answer.
pub async fn access_token(
    auth: &Auth,
    account: &SocialAccount,
) -> Result<Option<String>, AuthError> {
    let Some(kept) = auth.store().social_token(account.id).await? else { return Ok(None) };
    let now = auth.now();
    if kept.expires_at.is_none_or(|end| now + MARGIN < end) {
        return Ok(opened(auth, account.id, &kept.token));
    }
    let refresh = opened(auth, account.id, &kept.token_secret).filter(|token| !token.is_empty());
    let Some(refresh) = refresh else { return Ok(None) };
    match auth.social().refresh(&account.provider, &refresh, now).await {
        Ok(mut issued) => {
            if issued.refresh_token.is_empty() {
                issued.refresh_token = refresh;
            }
            keep_issued(auth, account, &issued).await?;
            Ok(Some(issued.access_token))
        }
        Err(error @ SocialError::Unavailable(_)) => Err(AuthError::Provider(error.into())),
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
    let refresh = match &*issued.refresh_token {
        // Most providers send one at the first login only.
        "" => {
            let before = auth.store().social_token(account.id).await?;
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
    Ok(auth.store().keep_social_token(account.user_id, account.id, &token).await?)
}

/// A stored token; `None` if it cannot be read. One from before tokens were encrypted is plain.
fn opened(auth: &Auth, account_id: i64, stored: &str) -> Option<String> {
    let about = about(account_id);
    match Cipher::new(auth.keys(), PURPOSE).decrypt(stored, &about) {
        Ok(token) => Some(token.to_string()),
        Err(_) if is_sealed(stored) => None,
        Err(_) => Some(stored.to_owned()),
    }
}

/// Whether a text has the form of an encrypted one.
fn is_sealed(stored: &str) -> bool {
    stored.starts_with("1.") && stored.split('.').count() == 3
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
