//! `rest-auth user disable` and `rest-auth user enable`

use rest_auth_flows::accounts::{self, AccountChange};
use rest_auth_flows::auth::Auth;
use rest_auth_flows::context::Context;

use super::record;

/// Disables an account.
pub(super) async fn disable(auth: &Auth, context: &Context, name: &str) -> anyhow::Result<()> {
    change(
        auth,
        context,
        name,
        AccountChange { is_active: Some(false), ..AccountChange::default() },
    )
    .await
}

/// Enables a disabled account.
pub(super) async fn enable(auth: &Auth, context: &Context, name: &str) -> anyhow::Result<()> {
    change(auth, context, name, AccountChange { is_active: Some(true), ..AccountChange::default() })
        .await
}

async fn change(
    auth: &Auth,
    context: &Context,
    name: &str,
    change: AccountChange,
) -> anyhow::Result<()> {
    record::print(auth, &accounts::update(auth, context, name, change).await?).await
}
