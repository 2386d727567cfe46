//! The configuration of a command: the file that was named or stands in the working directory, and
//! the environment.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use rest_auth_http::config::{self, ConfigFile, Finding, Loaded, Severity, Sources, ValueOrigin};

use super::arguments::ConfigSource;
use crate::log;

/// The file that commands find without being told.
const FILE: &str = "rest-auth.toml";

/// A configuration and the file that it comes from.
pub(super) struct FoundConfiguration {
    pub(super) loaded: Loaded,
    file: Option<PathBuf>,
}

impl FoundConfiguration {
    /// Where the configuration comes from, in one line.
    pub(super) fn place(&self) -> String {
        match &self.file {
            Some(file) => format!("configuration: {}", file.display()),
            None => "configuration: no file, the environment and defaults".to_owned(),
        }
    }

    /// Whether somebody said what the database is, or anything else in a file.
    pub(super) fn is_configured(&self) -> bool {
        let is_default = *self.loaded.settings.origin("database.url") == ValueOrigin::Default;
        self.file.is_some() || !is_default
    }
}

impl ConfigSource {
    /// The file that is named, or the one that commands find without being told.
    pub(super) fn wanted(&self) -> PathBuf {
        let named = self.file.as_deref().filter(|file| !file.is_empty());
        named.map_or_else(|| PathBuf::from(FILE), PathBuf::from)
    }
}

/// Reads the configuration, which may have errors, and says on standard error where it comes from.
pub(super) fn load(source: &ConfigSource) -> anyhow::Result<Loaded> {
    let found = find(source)?;
    log::tell(found.place());
    Ok(found.loaded)
}

/// Reads the configuration and says on standard error where it comes from. Fails with its findings
/// if it has errors.
pub(super) fn load_sound(source: &ConfigSource) -> anyhow::Result<FoundConfiguration> {
    let found = find_sound(source)?;
    log::tell(found.place());
    Ok(found)
}

/// The same without a word about where it comes from.
pub(super) fn find_sound(source: &ConfigSource) -> anyhow::Result<FoundConfiguration> {
    let found = find(source)?;
    let loaded = &found.loaded;
    if loaded.has_errors() {
        log::tell(found.place());
        for finding in loaded.findings.iter().filter(|f| f.severity == Severity::Error) {
            log::tell(line(finding));
        }
        bail!("the configuration cannot work; `rest-auth check` tells more");
    }
    Ok(found)
}

fn find(source: &ConfigSource) -> anyhow::Result<FoundConfiguration> {
    let variables = std::env::vars_os().collect();
    let named = source.file.as_deref().filter(|file| !file.is_empty()).map(PathBuf::from);
    let here = || Some(PathBuf::from(FILE)).filter(|file| file.is_file());
    let Some(path) = named.or_else(here) else {
        let loaded = config::load_from(Sources { variables, ..Sources::default() });
        return Ok(FoundConfiguration { loaded, file: None });
    };
    let content = read(&path)?;
    let file = Some(ConfigFile { path: &path, content: &content });
    let loaded = config::load_from(Sources { file, variables, program: Vec::new() });
    Ok(FoundConfiguration { loaded, file: Some(path) })
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| {
        format!("the configuration file {} (--config, REST_AUTH_CONFIG)", path.display())
    })
}

/// A finding in one line, with its level and the key.
pub(super) fn line(finding: &Finding) -> String {
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut line = format!("{severity}: {}", finding.message);
    if !finding.key.is_empty() && !finding.message.contains(&finding.key) {
        line = format!("{line} (`{}`)", finding.key);
    }
    if !finding.cure.is_empty() {
        line = format!("{line}; {}", finding.cure);
    }
    match &finding.origin {
        ValueOrigin::Default | ValueOrigin::Derived { .. } => line,
        place => format!("{line} [{place}]"),
    }
}
