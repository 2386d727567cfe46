//! `rest-auth user create`

use std::io;
use std::time::Duration;

use anyhow::bail;
use rest_auth_flows::accounts::{self, NewAccount};
use rest_auth_flows::auth::Auth;
use rest_auth_flows::context::Context;
use rest_auth_http::Api;

use super::{command, json_lines, record};

/// Makes an account of each line, in the order of lines.
pub(super) async fn run(auth: &Auth) -> anyhow::Result<()> {
    json_lines::each(io::stdin().lock(), io::stdout(), async |new: NewAccount| {
        record::of(auth, &accounts::create(auth, new).await?).await
    })
    .await
}

/// The same, and writes to the owner of each account that has no password where to choose one.
pub(super) async fn run_and_invite(api: &Api, life: Duration) -> anyhow::Result<()> {
    let auth = api.auth();
    let context = &context(api)?;
    json_lines::each(io::stdin().lock(), io::stdout(), async |new: NewAccount| {
        let user = accounts::create_and_invite(auth, context, new, life).await?;
        record::of(auth, &user).await
    })
    .await
}

/// The context of the command, if its links lead somewhere.
fn context(api: &Api) -> anyhow::Result<Context> {
    // With a page of its own the link does not begin with this server.
    let page = &api.auth().settings().rest_auth.password_reset_url;
    if page.is_none() && api.settings().server.public_url.is_none() {
        bail!(
            "neither `rest_auth.password_reset_url` nor `server.public_url` is set: without one of \
             them the link of an invitation leads nowhere"
        );
    }
    Ok(command::context(api))
}
