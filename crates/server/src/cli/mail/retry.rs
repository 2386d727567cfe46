//! `rest-auth mail retry`

use std::io::{self, Write as _};

use anyhow::bail;
use rest_auth_flows::auth::Auth;
use serde_json::json;

use super::command::Retrying;

/// Makes mails due now and resets their attempts.
pub(super) async fn run(auth: &Auth, retrying: &Retrying) -> anyhow::Result<()> {
    if retrying.all_dead {
        let count = auth.store().retry_dead_mails(auth.now()).await?;
        writeln!(io::stdout().lock(), "{}", json!({"retried": count}))?;
        return Ok(());
    }
    let mut failed = 0_usize;
    for id in &retrying.ids {
        let line = if auth.store().retry_mail(*id, auth.now()).await? {
            json!({"id": id, "retried": true})
        } else {
            failed += 1;
            let error = "there is no such mail, it was sent, or it is being delivered right now";
            json!({"id": id, "error": error})
        };
        writeln!(io::stdout().lock(), "{line}")?;
    }
    if failed > 0 {
        bail!("{failed} of {} mails are not sent again", retrying.ids.len());
    }
    Ok(())
}
