//! `rest-auth user list`

use std::io::{self, Write as _};

use rest_auth_flows::auth::Auth;

use super::record::record;

/// How many accounts are asked for at a time.
const PAGE: u64 = 500;

/// Prints every account in the order of ids.
pub(super) async fn run(auth: &Auth) -> anyhow::Result<()> {
    let mut out = io::BufWriter::new(io::stdout());
    let mut after = 0;
    loop {
        let users = auth.store().list_users(after, PAGE).await?;
        for user in &users {
            writeln!(out, "{}", record(user))?;
        }
        match users.last() {
            Some(last) => after = last.id,
            None => break,
        }
    }
    out.flush()?;
    Ok(())
}
