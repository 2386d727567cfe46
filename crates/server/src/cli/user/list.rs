//! `rest-auth user list`

use std::io::{self, Write as _};

use rest_auth_flows::auth::Auth;
use rest_auth_flows::user_fields;

use super::record;

/// How many accounts are read with one query.
const PAGE: u64 = 500;

/// Prints every account in the order of ids.
pub(super) async fn run(auth: &Auth) -> anyhow::Result<()> {
    let mut out = io::BufWriter::new(io::stdout());
    let mut after = 0;
    loop {
        let users = auth.store().list_users(after, PAGE).await?;
        let fields = user_fields::of_page(auth, &users).await?;
        for (user, fields) in users.iter().zip(fields) {
            writeln!(out, "{}", record::with(user, fields))?;
        }
        match users.last() {
            Some(last) => after = last.id,
            None => break,
        }
    }
    out.flush()?;
    Ok(())
}
