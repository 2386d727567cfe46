//! The commands about letters.

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, Subcommand, ValueEnum};
use rest_auth_mail::LetterKind;
use rest_auth_store::MailState;

use super::{list, preview, retry, test};
use crate::cli::accounts::open_api;
use crate::cli::arguments::Source;

/// What can be done with letters.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum MailCommand {
    /// Print the letters in the outbox, one JSON object per line, without what they say.
    List(Listing),
    /// Send letters again that were given up, or are waiting for their next attempt. A running
    /// server does so within seconds.
    Retry(Retrying),
    /// Print a letter as the configured templates word it, with made-up values.
    Preview(Previewing),
    /// Send a message at once, and print what the mail server answered.
    Test {
        /// To whom.
        #[arg(value_name = "ADDRESS")]
        to: String,
    },
}

/// Which letters to list.
#[derive(Args, Debug)]
pub(in crate::cli) struct Listing {
    /// Only those in this state; waiting ones are listed in the order of their next attempt, all
    /// others last first.
    #[arg(long)]
    pub(super) state: Option<State>,
    /// Only those to this address.
    #[arg(long, value_name = "ADDRESS")]
    pub(super) to: Option<String>,
    /// At most so many.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(super) limit: u64,
}

/// What became of a letter.
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

/// Which letters to send again.
#[derive(Args, Debug)]
pub(in crate::cli) struct Retrying {
    /// As `list` shows them.
    #[arg(value_name = "ID", required_unless_present = "all_dead")]
    pub(super) ids: Vec<i64>,
    /// Every letter that was given up.
    #[arg(long, conflicts_with = "ids")]
    pub(super) all_dead: bool,
}

/// What to preview.
#[derive(Args, Debug)]
pub(in crate::cli) struct Previewing {
    /// The occasion.
    #[arg(value_parser = kinds())]
    pub(super) kind: LetterKind,
    /// The recipient's language; that of `i18n.language_code` if none is given.
    #[arg(long, value_name = "CODE")]
    pub(super) language: Option<String>,
    #[command(flatten)]
    pub(super) form: Form,
}

/// What of a letter to print: subject and plain text if nothing is said.
#[derive(Args, Clone, Copy, Debug)]
#[group(multiple = false)]
pub(in crate::cli) struct Form {
    /// The plain text.
    #[arg(long)]
    pub(super) text: bool,
    /// The HTML text.
    #[arg(long)]
    pub(super) html: bool,
    /// The whole message as it would travel.
    #[arg(long)]
    pub(super) eml: bool,
}

fn kinds() -> impl clap::builder::TypedValueParser<Value = LetterKind> {
    PossibleValuesParser::new(LetterKind::ALL.map(LetterKind::name)).try_map(|name| {
        let kind = LetterKind::ALL.into_iter().find(|kind| kind.name() == name);
        kind.ok_or("no such letter")
    })
}

/// Does it.
pub(in crate::cli) async fn run(source: &Source, command: MailCommand) -> anyhow::Result<()> {
    let auth = open_api(source).await?.auth().clone();
    let outcome = match command {
        MailCommand::List(listing) => list::run(&auth, &listing).await,
        MailCommand::Retry(retrying) => retry::run(&auth, &retrying).await,
        MailCommand::Preview(previewing) => preview::run(&auth, &previewing),
        MailCommand::Test { to } => test::run(&auth, &to).await,
    };
    auth.store().close().await;
    outcome
}
