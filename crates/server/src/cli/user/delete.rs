//! `rest-auth user delete`

use std::io::{self, IsTerminal as _, Write as _};

use anyhow::{Context as _, bail};
use rest_auth_flows::accounts;
use rest_auth_flows::auth::Auth;

use super::record;

/// Deletes an account. Without `--yes` a person at the terminal is asked; where there is none,
/// nothing is deleted.
pub(super) async fn run(auth: &Auth, name: &str, sure: bool) -> anyhow::Result<()> {
    let user = accounts::find(auth, name).await?;
    let what = format!("the account {:?} (id {})", user.username, user.id);
    if !sure && !io::stdin().is_terminal() {
        bail!("this deletes {what} for good; add --yes to do it");
    }
    if !sure && !is_confirmed(&what)? {
        bail!("{what} is kept");
    }
    let record = record::of(auth, &user).await?;
    accounts::delete(auth, name).await?;
    record::print_record(&record)
}

fn is_confirmed(what: &str) -> anyhow::Result<bool> {
    write!(io::stderr(), "Delete {what} for good? Type yes: ").context("the terminal")?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).context("the terminal")?;
    Ok(answer.trim().eq_ignore_ascii_case("yes"))
}
