//! `rest-auth user mfa`

use clap::Subcommand;
use rest_auth_flows::accounts;
use rest_auth_flows::auth::Auth;
use rest_auth_flows::context::Context;
use rest_auth_flows::mfa::{reset, status};
use serde_json::json;

use super::confirmation::{self, Destruction};
use super::record;

/// What is done with the second factors of an account.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum MfaCommand {
    /// Print them, without their secrets, one JSON object per line.
    List,
    /// Remove all of them, for a user who has lost them. Their logins end, and they are told.
    Reset {
        /// Do not ask for confirmation. Needed where nobody can be asked.
        #[arg(long)]
        yes: bool,
    },
}

/// Runs the command for an account.
pub(super) async fn run(
    auth: &Auth,
    context: &Context,
    name: &str,
    command: MfaCommand,
) -> anyhow::Result<()> {
    match command {
        MfaCommand::List => list(auth, name).await,
        MfaCommand::Reset { yes } => reset_all(auth, context, name, yes).await,
    }
}

async fn list(auth: &Auth, name: &str) -> anyhow::Result<()> {
    let user = accounts::find(auth, name).await?;
    for factor in status::all(auth, &user).await? {
        record::print_record(&json!({
            "type": factor.kind,
            "app": factor.app,
            "id": factor.id,
            "name": factor.name,
            "created_at": factor.created_at,
            "last_used_at": factor.last_used_at,
            "remaining": factor.remaining,
        }))?;
    }
    Ok(())
}

async fn reset_all(auth: &Auth, context: &Context, name: &str, sure: bool) -> anyhow::Result<()> {
    let user = accounts::find(auth, name).await?;
    let what = format!("the second factors of {:?} (id {})", user.username, user.id);
    confirmation::ask(&Destruction { verb: "removes", what: &what }, sure)?;
    let (user, removed) = reset::all(auth, context, name).await?;
    record::print_record(&json!({"id": user.id, "username": user.username, "removed": removed}))
}
