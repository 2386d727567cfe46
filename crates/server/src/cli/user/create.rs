//! `rest-auth user create`

use std::io;
use std::time::Duration;

use anyhow::bail;
use rest_auth_flows::User;
use rest_auth_flows::accounts::{self, NewAccount};
use rest_auth_flows::auth::Auth;
use rest_auth_flows::context::Context;
use rest_auth_http::Api;
use serde_json::Value;

use super::{command, json_lines, record};

/// A line.
const EXAMPLE: &str = r#"{"username": "ada", "email": "ada@example.com", "password": "..."}"#;

/// Makes an account of each line, in the order of lines.
pub(super) async fn run(auth: &Auth) -> anyhow::Result<()> {
    json_lines::each(EXAMPLE, json_lines::input(), io::stdout(), async |new: NewAccount| {
        let warnings = accounts::warnings(auth, &new).await?;
        let user = accounts::create(auth, new).await?;
        with_warnings(auth, &user, warnings).await
    })
    .await
}

/// The same, and mails the owner of each account without a password a link to choose one.
pub(super) async fn run_and_invite(api: &Api, life: Duration) -> anyhow::Result<()> {
    let auth = api.auth();
    let context = &context(api)?;
    json_lines::each(EXAMPLE, json_lines::input(), io::stdout(), async |new: NewAccount| {
        let warnings = accounts::warnings(auth, &new).await?;
        let user = accounts::create_and_invite(auth, context, new, life).await?;
        with_warnings(auth, &user, warnings).await
    })
    .await
}

/// The record of a new account, with what is odd about it and what keeps its user from logging in.
/// The key is absent if there is nothing.
async fn with_warnings(
    auth: &Auth,
    user: &User,
    mut warnings: Vec<String>,
) -> anyhow::Result<Value> {
    warnings.extend(accounts::login_blocker(auth, user).await?);
    let mut record = record::of(auth, user).await?;
    if !warnings.is_empty() {
        record["warnings"] = warnings.into();
    }
    Ok(record)
}

/// The context of the command. Fails if links would have no host.
fn context(api: &Api) -> anyhow::Result<Context> {
    // If a page is configured, links do not begin with the address of this server.
    let page = &api.auth().settings().rest_auth.password_reset_url;
    if page.is_none() && api.settings().server.public_url.is_none() {
        bail!(
            "neither `rest_auth.password_reset_url` nor `server.public_url` is set: without one of \
             them the link of an invitation leads nowhere"
        );
    }
    Ok(command::context(api))
}
