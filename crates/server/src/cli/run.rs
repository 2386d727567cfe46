//! Runs the command line.

use std::io;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser as _};
use tokio::runtime::Runtime;

use super::arguments::{Arguments, Command, ConfigSource, Listen};
use super::{check, config, init, mail, migrate, openapi, shell, social, source, user};
use crate::{log, serve};

/// Runs the command line. The exit status is 0 for success, 1 for an error, and 2 for a command
/// line that cannot be parsed.
#[must_use]
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = obey(arguments);
    log::flush();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        // The reader closed the pipe, as in `rest-auth user list | head`. This is not an error.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            log::tell(format_args!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn obey(arguments: Arguments) -> anyhow::Result<()> {
    let Arguments { source, listen, command } = arguments;
    let command = command.unwrap_or_else(|| Command::Serve(listen.clone()));
    if listen.bind.is_some() && !matches!(command, Command::Serve(_)) {
        Arguments::command().error(ErrorKind::ArgumentConflict, "only `serve` takes --bind").exit();
    }
    match command {
        Command::Serve(own) => wait(serve(&source, &Listen { bind: own.bind.or(listen.bind) })),
        Command::Init(answers) => init::run(&source, *answers),
        Command::Migrate { status } => wait(migrate::run(&source, status)),
        Command::Check { deploy } => wait(check::run(&source, deploy)),
        Command::Config(command) => config::run(&source, command),
        Command::Mail(command) => wait(mail::run(&source, command)),
        Command::Social(command) => wait(social::run(&source, command)),
        Command::User(command) => wait(user::run(&source, command)),
        Command::Openapi { json_only } => openapi::run(&source, json_only),
        Command::Completions { shell } => shell::completions(shell),
        Command::Man { folder } => shell::man(folder.as_deref()),
    }
}

async fn serve(source: &ConfigSource, listen: &Listen) -> anyhow::Result<()> {
    let found = source::find_sound(source)?;
    let place = found.place();
    let mut loaded = found.loaded;
    if let Some(bind) = listen.bind {
        loaded.settings.server.bind = bind;
    }
    // Boxed, because the settings are large.
    Box::pin(serve::run(loaded, &place)).await
}

fn wait(command: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    Runtime::new().context("threads cannot be started")?.block_on(command)
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let cause = error.root_cause().downcast_ref::<io::Error>();
    cause.is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}
