//! An account as it is printed.

use std::io::{self, Write as _};

use rest_auth_flows::auth::Auth;
use rest_auth_flows::{User, user_fields};
use serde_json::{Map, Value, json};

/// The facts about an account, without its password.
pub(super) async fn of(auth: &Auth, user: &User) -> anyhow::Result<Value> {
    Ok(with(user, user_fields::of(auth, user.id).await?))
}

/// The same with the fields that the configuration adds. The key is absent if it adds none.
pub(super) fn with(user: &User, extra: Map<String, Value>) -> Value {
    let mut record = json!({
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
    });
    if !extra.is_empty() {
        record["extra"] = Value::Object(extra);
    }
    record
}

/// Prints them in one line.
pub(super) async fn print(auth: &Auth, user: &User) -> anyhow::Result<()> {
    print_record(&of(auth, user).await?)
}

/// Prints any object in one line.
pub(super) fn print_record(record: &Value) -> anyhow::Result<()> {
    writeln!(io::stdout().lock(), "{record}")?;
    Ok(())
}
