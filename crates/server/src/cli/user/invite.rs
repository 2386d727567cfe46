//! `rest-auth user invite`, `rest-auth user invitations` and `rest-auth user revoke-invitation`

use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use rest_auth_domain::email::Email;
use rest_auth_flows::auth::Auth;
use rest_auth_flows::context::Context;
use rest_auth_flows::invitations::{self, Invitee, IssuedInvitation, PendingInvitation};
use rest_auth_flows::settings::rest_auth::RegisterAccess;
use rest_auth_settings::SettingValue as _;
use serde_json::{Value, json};

use super::record::print_record;

/// Options of an invitation.
#[derive(Args, Debug)]
pub(in crate::cli) struct Invitation {
    /// Bind the invitation to an e-mail address, and mail it there.
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// Print the code, even if the invitation is bound to an address.
    #[arg(long)]
    print: bool,
    #[command(flatten)]
    life: Life,
}

/// A lifetime.
#[derive(Args, Clone, Copy, Debug)]
pub(in crate::cli) struct Life {
    /// Lifetime, such as 12h or 7d.
    #[arg(long = "expires", value_name = "DURATION", default_value = "7d", value_parser = duration)]
    pub(super) duration: Duration,
}

/// Issues an invitation.
pub(super) async fn run(auth: &Auth, context: &Context, wanted: Invitation) -> anyhow::Result<()> {
    if auth.settings().rest_auth.register != RegisterAccess::Invite {
        bail!("`rest_auth.register` is not \"invite\": nobody is asked for a code");
    }
    let Invitation { email, print, life } = wanted;
    let email = email.map(|text| Email::parse(text.trim()).context("--email")).transpose()?;
    let shown = email.as_ref().map(Email::to_string);
    let recipient = match (email, print) {
        (None, _) => Invitee::Anybody,
        (Some(email), true) => Invitee::Address(email),
        (Some(email), false) => Invitee::Mailed(email),
    };
    let IssuedInvitation { id, code, url, expires_at } =
        invitations::issue(auth, context, recipient, life.duration).await?;
    let mut record = json!({"invitation": id, "email": shown, "expires_at": expires_at});
    match code {
        None => record["mailed"] = Value::Bool(true),
        Some(code) => {
            record["code"] = code.into();
            record["url"] = url.into();
        }
    }
    print_record(&record)
}

/// Prints the invitations that can still be used. Their codes are not stored, so they are not
/// printed.
pub(super) async fn list(auth: &Auth) -> anyhow::Result<()> {
    for pending in invitations::pending(auth).await? {
        let PendingInvitation { id, email, mailed, created_at, expires_at } = pending;
        print_record(&json!({
            "invitation": id,
            "email": email,
            "mailed": mailed,
            "created_at": created_at,
            "expires_at": expires_at,
        }))?;
    }
    Ok(())
}

/// Revokes an invitation.
pub(super) async fn revoke(auth: &Auth, id: i64) -> anyhow::Result<()> {
    if !invitations::revoke(auth, id).await? {
        bail!(
            "no invitation {id} can still be used; `rest-auth user invitations` lists those that \
             can"
        );
    }
    print_record(&json!({"invitation": id, "revoked": true}))
}

fn duration(text: &str) -> Result<Duration, String> {
    let duration = Duration::parse(&Value::from(text)).map_err(|error| error.to_string())?;
    if duration.is_zero() { Err("must be longer than nothing".to_owned()) } else { Ok(duration) }
}
