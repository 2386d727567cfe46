//! The commands about accounts.

use clap::{Args, Subcommand};
use rest_auth_flows::accounts;
use rest_auth_flows::context::Context;
use rest_auth_flows::links::LinkBase;
use rest_auth_http::Api;

use super::invite::{self, Invitation, Life};
use super::mfa::{self, MfaCommand};
use super::{create, delete, list, open_or_close, record, set_password, show, update};
use crate::cli::accounts::open_api;
use crate::cli::arguments::ConfigSource;

const CREATE: &str = r#"Keys of an object: username, email, password or password_hash, first_name,
last_name, is_active, is_staff, is_superuser, email_verified, extra_emails, token, social_accounts,
totp_secret, extra (an object with the fields of `user.extra_fields`).

With --send-invite the address of an account without a password counts as verified unless
email_verified is false: nobody but its owner can get in.

A line that fails is answered with {"line": ..., "username": ..., "error": ...}, and the next one
is read; the exit status is 1 then."#;

const UPDATE: &str = r#"Lines are {"username": ..., "set": {...}} or
{"username": ..., "delete": true}, where username may also be an e-mail address or an id. Keys of
"set": username, email, password or password_hash, first_name, last_name, is_active, is_staff,
is_superuser, email_verified, token, extra."#;

/// Commands about accounts.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum UserCommand {
    /// Create accounts. Reads one JSON object per line from standard input, and prints one per
    /// line.
    #[command(after_help = CREATE)]
    Create {
        /// For each account without a password, mail the owner a link to choose one.
        #[arg(long)]
        send_invite: bool,
        #[command(flatten)]
        life: Life,
    },
    /// Change or delete accounts. Input and output are as for `create`.
    #[command(after_help = UPDATE)]
    Update,
    /// Invite somebody to register while `rest_auth.register` is "invite". Prints the code, or
    /// mails it.
    Invite(Invitation),
    /// Print the invitations that can still be used.
    Invitations,
    /// Revoke an invitation.
    RevokeInvitation {
        /// Its number, as `invite` and `invitations` print it.
        number: i64,
    },
    /// Print every account, one JSON object per line.
    List,
    /// Print an account with its addresses and credentials.
    Show(Named),
    /// Set a password, read from standard input.
    SetPassword {
        #[command(flatten)]
        account: Named,
        /// Accept a password that the configured validators refuse.
        #[arg(long)]
        unchecked: bool,
    },
    /// Disable an account. All its logins end, and nobody can log in to it.
    Disable(Named),
    /// Enable a disabled account.
    Enable(Named),
    /// End all logins of an account: sessions, tokens and refresh tokens.
    Logout(Named),
    /// List or reset the second factors of an account.
    Mfa {
        #[command(flatten)]
        account: Named,
        #[command(subcommand)]
        command: MfaCommand,
    },
    /// Delete an account for good.
    Delete {
        #[command(flatten)]
        account: Named,
        /// Do not ask for confirmation. Needed where nobody can be asked.
        #[arg(long)]
        yes: bool,
    },
}

/// An account.
#[derive(Args, Debug)]
pub(in crate::cli) struct Named {
    /// Its username, e-mail address or id.
    pub(super) name: String,
}

/// Runs the command.
pub(in crate::cli) async fn run(source: &ConfigSource, command: UserCommand) -> anyhow::Result<()> {
    let api = open_api(source).await?;
    let auth = api.auth().clone();
    let outcome = match command {
        UserCommand::Create { send_invite: false, .. } => create::run(&auth).await,
        UserCommand::Create { send_invite: true, life } => {
            create::run_and_invite(&api, life.duration).await
        }
        UserCommand::Invite(wanted) => invite::run(&auth, &context(&api), wanted).await,
        UserCommand::Invitations => invite::list(&auth).await,
        UserCommand::RevokeInvitation { number } => invite::revoke(&auth, number).await,
        UserCommand::Update => update::run(&auth, &context(&api)).await,
        UserCommand::List => list::run(&auth).await,
        UserCommand::Show(Named { name }) => show::run(&auth, &name).await,
        UserCommand::SetPassword { account: Named { name }, unchecked } => {
            let rules = if unchecked {
                set_password::PasswordRules::Ignored
            } else {
                set_password::PasswordRules::Asked
            };
            set_password::run(&auth, &name, rules).await
        }
        UserCommand::Disable(Named { name }) => {
            open_or_close::disable(&auth, &context(&api), &name).await
        }
        UserCommand::Enable(Named { name }) => {
            open_or_close::enable(&auth, &context(&api), &name).await
        }
        UserCommand::Logout(Named { name }) => {
            match accounts::log_out_everywhere(&auth, &name).await {
                Ok(user) => record::print(&auth, &user).await,
                Err(error) => Err(error.into()),
            }
        }
        UserCommand::Mfa { account: Named { name }, command } => {
            mfa::run(&auth, &context(&api), &name, command).await
        }
        UserCommand::Delete { account: Named { name }, yes } => {
            delete::run(&auth, &name, yes).await
        }
    };
    auth.store().close().await;
    outcome
}

/// The context in which a command calls flows. Links begin with the public address of the server;
/// without one they are relative.
pub(super) fn context(api: &Api) -> Context {
    let url = api.settings().server.public_url.clone().unwrap_or_default();
    Context::for_command(api.auth(), LinkBase::configured(url))
}
