//! `rest-auth user create`

use std::io;

use rest_auth_flows::accounts::{self, NewAccount};
use rest_auth_flows::auth::Auth;

use super::json_lines;
use super::record::record;

/// Makes an account of each line, in the order of lines.
pub(super) async fn run(auth: &Auth) -> anyhow::Result<()> {
    json_lines::each(io::stdin().lock(), io::stdout(), async |new: NewAccount| {
        Ok(record(&accounts::create(auth, new).await?))
    })
    .await
}
