//! `rest-auth user delete`

use std::io::{self, IsTerminal as _};

use anyhow::bail;
use rest_auth_flows::accounts;
use rest_auth_flows::auth::Auth;

use super::record;

/// Deletes an account. At a terminal it asks for confirmation.
pub(super) async fn run(auth: &Auth, name: &str, sure: bool) -> anyhow::Result<()> {
    let user = accounts::find(auth, name).await?;
    if !sure && io::stdin().is_terminal() {
        bail!(
            "this deletes the account {:?} (id {}) for good; add --yes to do it",
            user.username,
            user.id
        );
    }
    let record = record::of(auth, &user).await?;
    accounts::delete(auth, name).await?;
    record::print_record(&record)
}
