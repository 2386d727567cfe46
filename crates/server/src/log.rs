//! The log: lines on standard error, for people or for machines.

use std::io::{self, IsTerminal as _};

use anyhow::anyhow;
use rest_auth_http::config::listener::{LogFormat, LogLevel, LogSettings};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// The prefix of the log targets of this server's crates.
const OWN: &str = "rest_auth";

/// Starts the log. `RUST_LOG` overrides `log.level`, for single libraries too.
///
/// # Errors
/// If `RUST_LOG` cannot be parsed, or a log is running already.
pub fn start(settings: &LogSettings) -> anyhow::Result<()> {
    let filter = filter(settings.level)?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    let outcome = match settings.format {
        LogFormat::Text => builder.with_target(false).with_ansi(is_coloured()).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).with_span_list(false).try_init(),
    };
    outcome.map_err(|error| anyhow!("the log cannot be started: {error}"))
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
