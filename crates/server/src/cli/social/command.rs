//! The commands about social login.

use clap::Subcommand;

use super::{check, list};
use crate::cli::accounts::prepare;
use crate::cli::arguments::ConfigSource;
use crate::cli::source;

/// Commands about social login.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum SocialCommand {
    /// Print the providers, one JSON object per line, with the callback URLs to register there.
    List,
    /// Try what works at the providers without a user; exit 1 if a login cannot work.
    Check {
        /// Id of a provider, as `list` prints it; without one, all are tried.
        #[arg(value_name = "PROVIDER")]
        provider: Option<String>,
    },
}

/// Runs the command. It needs neither the database nor the secret key.
pub(in crate::cli) async fn run(
    source: &ConfigSource,
    command: SocialCommand,
) -> anyhow::Result<()> {
    let settings = source::load_sound(source)?.loaded.settings;
    prepare(&settings)?;
    match command {
        SocialCommand::List => list::run(&settings),
        SocialCommand::Check { provider } => check::run(&settings, provider.as_deref()).await,
    }
}
