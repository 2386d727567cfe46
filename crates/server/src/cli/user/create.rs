//! `rest-auth user create`

use std::io;
use std::time::Duration;

use anyhow::Context as _;
use rest_auth_flows::accounts::{self, NewAccount};
use rest_auth_flows::auth::Auth;
use rest_auth_flows::links::LinkBase;
use rest_auth_http::Api;

use super::{json_lines, record};

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
    let base = &link_base(api)?;
    json_lines::each(io::stdin().lock(), io::stdout(), async |new: NewAccount| {
        let user = accounts::create_and_invite(auth, new, base, life).await?;
        record::of(auth, &user).await
    })
    .await
}

/// What links begin with where no request says it.
fn link_base(api: &Api) -> anyhow::Result<LinkBase> {
    let page = &api.auth().settings().rest_auth.password_reset_url;
    // With a page of its own the link does not begin with this server.
    let url = api.settings().server.public_url.clone().or(page.as_ref().map(|_| String::new()));
    url.map(LinkBase::Configured).context(
        "neither `rest_auth.password_reset_url` nor `server.public_url` is set: without one of \
         them the link of an invitation leads nowhere",
    )
}
