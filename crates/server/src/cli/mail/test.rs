//! `rest-auth mail test`

use std::io::{self, Write as _};

use rest_auth_flows::auth::Environment;
use rest_auth_mail::Mailer;
use serde_json::json;

/// Sends a message at once, without the outbox, and prints the answer of the mail server.
pub(super) async fn run(mailer: &Mailer, to: &str) -> anyhow::Result<()> {
    let message = mailer.trial(to, Environment::default().clock.now())?;
    let receipt = mailer.send(&message).await?;
    let line = json!({"to": to, "message_id": message.id(), "answer": receipt.answer()});
    writeln!(io::stdout().lock(), "{line}")?;
    Ok(())
}
