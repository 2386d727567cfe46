//! `rest-auth user show`

use std::io::{self, Write as _};

use rest_auth_flows::User;
use rest_auth_flows::accounts;
use rest_auth_flows::auth::Auth;
use rest_auth_store::Factors;
use serde_json::{Value, json};

use super::record;

/// Prints an account with its addresses and credentials, without any secrets.
pub(super) async fn run(auth: &Auth, name: &str) -> anyhow::Result<()> {
    let user = accounts::find(auth, name).await?;
    let mut shown = record::of(auth, &user).await?;
    shown["addresses"] = addresses(auth, &user).await?;
    shown["credentials"] = credentials(auth, &user).await?;
    writeln!(io::stdout().lock(), "{shown}")?;
    Ok(())
}

async fn addresses(auth: &Auth, user: &User) -> anyhow::Result<Value> {
    let addresses = auth.store().addresses_of(user.id).await?;
    let show = |address: &rest_auth_store::Address| {
        json!({
            "email": address.email,
            "verified": address.verified,
            "primary": address.primary,
        })
    };
    Ok(addresses.iter().map(show).collect())
}

async fn credentials(auth: &Auth, user: &User) -> anyhow::Result<Value> {
    let store = auth.store();
    let with_password = store.user_with_password(user.id).await?;
    let factors = store.authenticators_of(user.id, Factors::ALL).await?;
    let identities = store.social_accounts_of(user.id).await?;
    Ok(json!({
        "password": with_password.is_some_and(|found| found.password.is_usable()),
        "token": store.token_of(user.id).await?.is_some(),
        "device_tokens": store.device_tokens_of(user.id).await?.len(),
        "device_sessions": store.device_sessions_of(user.id, auth.now()).await?.len(),
        "mfa": factors.iter().map(|factor| factor.kind.name()).collect::<Vec<_>>(),
        "social_accounts": identities
            .iter()
            .map(|identity| json!({"provider": identity.provider, "uid": identity.uid}))
            .collect::<Vec<_>>(),
    }))
}
