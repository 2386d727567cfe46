//! `rest-auth user set-password`

use std::io::{self, IsTerminal as _};

use anyhow::{Context as _, bail};
use rest_auth_flows::accounts;
use rest_auth_flows::auth::Auth;
use rest_auth_settings::Secret;

use super::record;

/// Whether the configured password validators are applied.
#[derive(Clone, Copy, Debug)]
pub(super) enum PasswordRules {
    /// They are applied.
    Asked,
    /// They are not applied.
    Ignored,
}

/// Sets the password of an account to what is read from standard input.
pub(super) async fn run(auth: &Auth, name: &str, rules: PasswordRules) -> anyhow::Result<()> {
    // Before the password is read, so that a wrong name is reported at once.
    accounts::find(auth, name).await?;
    let password = read()?;
    let user = match rules {
        PasswordRules::Asked => accounts::set_password(auth, name, password.expose()).await?,
        PasswordRules::Ignored => {
            accounts::set_password_unchecked(auth, name, password.expose()).await?
        }
    };
    record::print(auth, &user).await
}

/// Asks twice, without echo, at a terminal; otherwise one line.
fn read() -> anyhow::Result<Secret> {
    let password = if io::stdin().is_terminal() {
        let first = rpassword::prompt_password("Password: ").context("the terminal")?;
        let again = rpassword::prompt_password("Password (again): ").context("the terminal")?;
        if first != again {
            bail!("the two passwords differ");
        }
        first
    } else {
        let mut line = String::new();
        io::stdin().read_line(&mut line).context("standard input")?;
        line.trim_end_matches(['\r', '\n']).to_owned()
    };
    if password.is_empty() {
        bail!("the password is empty");
    }
    Ok(Secret::new(password))
}
