//! `rest-auth user update`

use std::io;

use anyhow::bail;
use rest_auth_flows::accounts::{self, AccountChange};
use rest_auth_flows::auth::Auth;
use rest_auth_flows::context::Context;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{json_lines, record};

/// A line.
const EXAMPLE: &str = r#"{"username": "ada", "set": {"first_name": "Ada"}}"#;

/// One line: either of the two.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UserChange {
    /// Username, e-mail address or id.
    username: String,
    /// The changes.
    set: Option<AccountChange>,
    /// Whether the account is to be deleted.
    #[serde(default)]
    delete: bool,
}

/// Changes or deletes the account of each line, in the order of lines.
pub(super) async fn run(auth: &Auth, context: &Context) -> anyhow::Result<()> {
    let act = async |change: UserChange| apply(auth, context, change).await;
    json_lines::each(EXAMPLE, json_lines::input(), io::stdout(), act).await
}

async fn apply(auth: &Auth, context: &Context, change: UserChange) -> anyhow::Result<Value> {
    match (change.set, change.delete) {
        (Some(set), false) => {
            let user = accounts::update(auth, context, &change.username, set).await?;
            record::of(auth, &user).await
        }
        (None, true) => {
            let user = accounts::delete(auth, &change.username).await?;
            Ok(json!({"id": user.id, "username": user.username, "deleted": true}))
        }
        _ => bail!("give either \"set\" with what is to be different, or \"delete\": true"),
    }
}
