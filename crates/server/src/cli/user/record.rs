//! An account as it is printed.

use std::io::{self, Write as _};

use rest_auth_flows::User;
use serde_json::{Value, json};

/// The facts about an account, without its password.
pub(super) fn record(user: &User) -> Value {
    json!({
        "id": user.id,
        "username": user.username,
        "email": user.email,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "is_active": user.is_active,
        "is_staff": user.is_staff,
        "is_superuser": user.is_superuser,
        "date_joined": user.date_joined,
        "last_login": user.last_login,
    })
}

/// Prints them in one line.
pub(super) fn print(user: &User) -> anyhow::Result<()> {
    writeln!(io::stdout().lock(), "{}", record(user))?;
    Ok(())
}
