//! `rest-auth config`

use std::io::{self, Write as _};

use clap::Subcommand;
use rest_auth_settings::{Profile, SettingValue as _};

use super::arguments::{ConfigSource, in_one_line};
use super::source;
use rest_auth_http::config::Settings;
use rest_auth_settings::{example, schema, show};

/// What can be shown.
#[derive(Clone, Copy, Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Print the values in force and where each comes from; secrets are masked.
    Show,
    /// Print a configuration file with every key, its documentation and its default.
    Example {
        /// The set of defaults: `strict` for a new project, `django` for a Django database.
        #[arg(long, default_value = "strict", value_parser = profile)]
        profile: Profile,
    },
    /// Print a JSON Schema of the configuration file, for editors.
    Schema,
}

/// Prints it.
pub(super) fn run(source: &ConfigSource, command: ConfigCommand) -> anyhow::Result<()> {
    let text = match command {
        ConfigCommand::Show => show(&source::load_sound(source)?.loaded.settings),
        ConfigCommand::Example { profile } => example::<Settings>(profile),
        ConfigCommand::Schema => schema::<Settings>(),
    };
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(())
}

fn profile(text: &str) -> Result<Profile, String> {
    Profile::parse(&text.into()).map_err(|error| in_one_line(&error))
}
