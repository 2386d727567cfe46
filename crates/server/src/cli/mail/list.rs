//! `rest-auth mail list`

use std::io::{self, Write as _};

use rest_auth_flows::auth::Auth;
use rest_auth_flows::outbox;
use rest_auth_mail::MailKind;
use rest_auth_store::{Mail, MailState};
use serde_json::{Value, json};

use super::command::Listing;

/// Prints mails without their contents, because those hold links and codes.
pub(super) async fn run(auth: &Auth, listing: &Listing) -> anyhow::Result<()> {
    let state = listing.state.map_or(MailState::Any, MailState::from);
    let mails = auth.store().list_mails(state, listing.to.as_deref(), listing.limit).await?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    for mail in &mails {
        writeln!(out, "{}", record(mail))?;
    }
    out.flush()?;
    Ok(())
}

fn record(mail: &Mail) -> Value {
    let Mail {
        id,
        to_address,
        payload: _,
        attempts,
        created_at,
        available_at,
        last_error,
        leased_until,
        sent_at,
        dead_at,
    } = mail;
    let state = match (sent_at, dead_at) {
        (Some(_), _) => "sent",
        (None, Some(_)) => "dead",
        (None, None) => "waiting",
    };
    json!({
        "id": id,
        "state": state,
        "kind": outbox::kind_of(mail).map(MailKind::name),
        "to": to_address,
        "attempts": attempts,
        "last_error": last_error,
        "created_at": created_at,
        "available_at": available_at,
        "leased_until": leased_until,
        "sent_at": sent_at,
        "dead_at": dead_at,
    })
}
