//! What a provider issued for an account, where `socialaccount.store_tokens` says that it is kept.

use chrono::TimeDelta;
use rest_auth_domain::encrypted::Cipher;
use rest_auth_social::Identity;
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
    let lifetime = issued.expires_in.and_then(|seconds| i64::try_from(seconds).ok());
    let expires_at = lifetime
        .and_then(TimeDelta::try_seconds)
        .and_then(|lifetime| auth.now().checked_add_signed(lifetime));
    let token = SocialToken {
        token: sealed(auth, account.id, &issued.access_token),
        token_secret: sealed(auth, account.id, &issued.refresh_token),
        expires_at,
    };
    Ok(auth.store().keep_social_token(account.user_id, account.id, &token).await?)
}

fn sealed(auth: &Auth, account_id: i64, token: &str) -> String {
    if token.is_empty() || !auth.settings().social.encrypt_tokens {
        return token.to_owned();
    }
    let about = format!("socialaccount/{account_id}");
    Cipher::new(auth.keys(), PURPOSE).encrypt(token, &about, auth.random())
}
