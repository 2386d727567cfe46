//! `rest-auth user delete`

use rest_auth_flows::accounts;
use rest_auth_flows::auth::Auth;

use super::confirmation::{self, Destruction};
use super::record;

/// Deletes an account. Without `--yes` a person at the terminal is asked.
pub(super) async fn run(auth: &Auth, name: &str, sure: bool) -> anyhow::Result<()> {
    let user = accounts::find(auth, name).await?;
    let what = format!("the account {:?} (id {})", user.username, user.id);
    confirmation::ask(&Destruction { verb: "deletes", what: &what }, sure)?;
    let record = record::of(auth, &user).await?;
    accounts::delete(auth, name).await?;
    record::print_record(&record)
}
