//! The log: lines on standard error, for people or for machines.
//!
//! Standard error may not be writable. Then lines are lost, and nothing else: `tell` takes the
//! place of `eprintln!`, which would panic.

mod lines;

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::OnceLock;

use anyhow::{Context as _, anyhow};
use rest_auth_http::config::listener::{LogFormat, LogLevel, LogSettings};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use self::lines::Lines;

/// The prefix of the log targets of this server's crates.
const OWN: &str = "rest_auth";

/// The lines of the log, once it is started.
static LINES: OnceLock<Lines> = OnceLock::new();

/// Waits a moment for what was logged so far to be written.
pub(crate) fn flush() {
    if let Some(lines) = LINES.get() {
        lines.flush();
    }
}

/// Writes a line to standard error, if that can be written.
pub(crate) fn tell(line: impl Display) {
    flush();
    // Nobody is left who could be told that it failed.
    let _ = writeln!(io::stderr(), "{line}");
}

/// Starts the log; panics are logged, too. `RUST_LOG` overrides `log.level`, also for single
/// libraries.
///
/// # Errors
/// If `RUST_LOG` cannot be parsed, or a log is running already.
pub fn start(settings: &LogSettings) -> anyhow::Result<()> {
    let filter = filter(settings.level)?;
    let lines = Lines::start().context("threads cannot be started")?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(lines.clone())
        // What cannot be logged would be told by `eprintln!`.
        .log_internal_errors(false);
    let outcome = match settings.format {
        LogFormat::Text => builder.with_target(false).with_ansi(is_coloured()).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).with_span_list(false).try_init(),
    };
    outcome.map_err(|error| anyhow!("the log cannot be started: {error}"))?;
    std::panic::set_hook(Box::new(|panic| tracing::error!("{panic}")));
    // Another log cannot have been started.
    let _ = LINES.set(lines);
    Ok(())
}

/// Colours are for terminals, unless the user wants none (<https://no-color.org>).
fn is_coloured() -> bool {
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    io::stderr().is_terminal() && !unwanted
}

/// Checks what [`start`] would refuse.
///
/// # Errors
/// If `RUST_LOG` cannot be parsed.
pub fn check(settings: &LogSettings) -> anyhow::Result<()> {
    filter(settings.level).map(drop)
}

/// Libraries log warnings and errors only, whatever the level: at `debug` some of them would log
/// mails with their links.
fn filter(level: LogLevel) -> anyhow::Result<EnvFilter> {
    let variable = EnvFilter::DEFAULT_ENV;
    if std::env::var_os(variable).is_some_and(|value| !value.is_empty()) {
        return EnvFilter::try_from_default_env().map_err(|error| anyhow!("{variable}: {error}"));
    }
    let own = format!("{OWN}={}", level.as_str()).parse()?;
    let others = level_filter(level).min(LevelFilter::WARN);
    Ok(EnvFilter::default().add_directive(others.into()).add_directive(own))
}

fn level_filter(level: LogLevel) -> LevelFilter {
    match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    }
}
