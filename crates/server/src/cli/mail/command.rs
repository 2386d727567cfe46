//! The commands about mails.

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, Subcommand, ValueEnum};
use rest_auth_mail::MailKind;
use rest_auth_store::MailState;

use super::{list, preview, retry, test};
use crate::cli::accounts::{open_api, open_mailer};
use crate::cli::arguments::ConfigSource;

/// Commands about mails.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum MailCommand {
    /// Print the mails in the outbox, one JSON object per line, without their contents.
    List(Listing),
    /// Send mails now that were given up, or that wait for their next attempt. A running server
    /// sends them within seconds.
    Retry(Retrying),
    /// Print a sample mail from the configured templates, with made-up values.
    Preview(Previewing),
    /// Send a message at once, and print what the mail server answered.
    Test {
        /// Recipient.
        #[arg(value_name = "ADDRESS")]
        to: String,
    },
}

/// The mails to list.
#[derive(Args, Debug)]
pub(in crate::cli) struct Listing {
    /// Only mails in this state. Waiting ones are listed in the order of their next attempt, all
    /// others newest first.
    #[arg(long)]
    pub(super) state: Option<State>,
    /// Only mails to this address.
    #[arg(long, value_name = "ADDRESS")]
    pub(super) to: Option<String>,
    /// Maximum number of mails.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(super) limit: u64,
}

/// The state of a mail.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(in crate::cli) enum State {
    /// To be sent.
    Waiting,
    /// Sent. Kept for a day.
    Sent,
    /// Given up.
    Dead,
}

impl From<State> for MailState {
    fn from(state: State) -> Self {
        match state {
            State::Waiting => Self::Waiting,
            State::Sent => Self::Sent,
            State::Dead => Self::Dead,
        }
    }
}

/// The mails to send again.
#[derive(Args, Debug)]
pub(in crate::cli) struct Retrying {
    /// Ids of mails, as `list` prints them.
    #[arg(value_name = "ID", required_unless_present = "all_dead")]
    pub(super) ids: Vec<i64>,
    /// Every mail that was given up.
    #[arg(long, conflicts_with = "ids")]
    pub(super) all_dead: bool,
}

/// What to preview.
#[derive(Args, Debug)]
pub(in crate::cli) struct Previewing {
    /// Kind of mail.
    #[arg(value_parser = kinds())]
    pub(super) kind: MailKind,
    /// Language of the mail; `i18n.language_code` if none is given.
    #[arg(long, value_name = "CODE")]
    pub(super) language: Option<String>,
    #[command(flatten)]
    pub(super) form: OutputFormat,
}

/// The part of a mail to print. By default subject and plain text.
#[derive(Args, Clone, Copy, Debug)]
#[group(multiple = false)]
pub(in crate::cli) struct OutputFormat {
    /// The plain text.
    #[arg(long)]
    pub(super) text: bool,
    /// The HTML text.
    #[arg(long)]
    pub(super) html: bool,
    /// The whole message, as it would be sent.
    #[arg(long)]
    pub(super) eml: bool,
}

fn kinds() -> impl clap::builder::TypedValueParser<Value = MailKind> {
    PossibleValuesParser::new(MailKind::ALL.map(MailKind::name)).try_map(|name| {
        let kind = MailKind::ALL.into_iter().find(|kind| kind.name() == name);
        kind.ok_or("no such mail")
    })
}

/// Runs the command.
pub(in crate::cli) async fn run(source: &ConfigSource, command: MailCommand) -> anyhow::Result<()> {
    match command {
        MailCommand::List(listing) => {
            let auth = open_api(source).await?.auth().clone();
            let outcome = list::run(&auth, &listing).await;
            auth.store().close().await;
            outcome
        }
        MailCommand::Retry(retrying) => {
            let auth = open_api(source).await?.auth().clone();
            let outcome = retry::run(&auth, &retrying).await;
            auth.store().close().await;
            outcome
        }
        MailCommand::Preview(previewing) => {
            let (settings, mailer) = open_mailer(source).await?;
            preview::run(&settings, &mailer, &previewing)
        }
        MailCommand::Test { to } => {
            let (_, mailer) = open_mailer(source).await?;
            test::run(&mailer, &to).await
        }
    }
}
