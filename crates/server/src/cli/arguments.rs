//! The arguments of the command line.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use rest_auth_settings::{SettingValue as _, ValueError};

use super::config::ConfigCommand;
use super::init::Init;
use super::mail::MailCommand;
use super::social::SocialCommand;
use super::user::UserCommand;

/// Accounts for an application: dj-rest-auth's API on Django's tables.
#[derive(Debug, Parser)]
#[command(name = "rest-auth", version)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) source: ConfigSource,
    #[command(flatten)]
    pub(super) listen: Listen,
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

/// Where the configuration comes from.
#[derive(Args, Clone, Debug)]
pub(super) struct ConfigSource {
    /// Configuration file. Without this, `rest-auth.toml` of the working directory is read if it is
    /// there. Environment variables override it.
    // As text, because an empty variable means that there is no file.
    #[arg(long = "config", value_name = "FILE", env = "REST_AUTH_CONFIG", global = true)]
    pub(super) file: Option<OsString>,
}

/// Where the server listens.
#[derive(Args, Clone, Debug)]
pub(super) struct Listen {
    /// Address and port to listen at, instead of `server.bind`.
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    pub(super) bind: Option<SocketAddr>,
}

/// Reads an address as `server.bind` is read.
fn address(text: &str) -> Result<SocketAddr, String> {
    SocketAddr::parse(&text.into()).map_err(|error| in_one_line(&error))
}

/// A refusal with what to do about it.
pub(super) fn in_one_line(error: &ValueError) -> String {
    match error.cure() {
        Some(cure) => format!("{error}; {cure}"),
        None => error.to_string(),
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run the server. This is the default command.
    Serve(Listen),
    /// Write a configuration by question, with secrets in files beside it.
    Init(Box<Init>),
    /// Bring the database up to date; safe to run from many instances at once.
    Migrate {
        /// Only print which migrations are applied and pending.
        #[arg(long)]
        status: bool,
    },
    /// Check the configuration; exit 1 on errors.
    Check {
        /// Also report what does not suit production.
        #[arg(long)]
        deploy: bool,
    },
    /// Show the configuration, or how to write one.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Administrate accounts.
    #[command(subcommand)]
    User(UserCommand),
    /// Inspect and retry the mails that this server sends.
    #[command(subcommand)]
    Mail(MailCommand),
    /// List the providers of social login, and check that they can work.
    #[command(subcommand)]
    Social(SocialCommand),
    /// Print the OpenAPI document of this configuration.
    Openapi {
        /// Leave out forms and HTML pages, for generators of clients that take one media type.
        #[arg(long)]
        json_only: bool,
    },
    /// Print what a shell reads to complete this command line.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Print the manual page.
    Man {
        /// Write a page for each command into this folder instead.
        folder: Option<PathBuf>,
    },
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_arguments_do_not_contradict_each_other() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_file_may_stand_before_or_after_the_command() {
        for line in [
            "rest-auth --config a.toml user list",
            "rest-auth user --config a.toml list",
            "rest-auth user list --config a.toml",
        ] {
            let arguments = Arguments::try_parse_from(line.split(' ')).unwrap();
            assert_eq!(arguments.source.file.unwrap(), "a.toml", "{line}");
        }
    }

    #[test]
    fn an_address_may_be_given_with_and_without_the_command() {
        let plain = Arguments::try_parse_from(["rest-auth", "--bind", "[::1]:0"]).unwrap();
        assert_eq!(plain.listen.bind, "[::1]:0".parse().ok());
        let serve = Arguments::try_parse_from(["rest-auth", "serve", "--bind", "[::1]:0"]).unwrap();
        let Some(Command::Serve(listen)) = serve.command else { panic!("another command") };
        assert_eq!(listen.bind, "[::1]:0".parse().ok());
    }
}
