//! The configuration of a command: the file that was named, and the environment.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};
use rest_auth_http::config::{self, ConfigFile, Finding, Loaded, Origin, Severity, Sources};

use super::arguments::Source;

/// Reads the configuration. It may have errors.
pub(super) fn load(source: &Source) -> anyhow::Result<Loaded> {
    let variables = std::env::vars_os().collect();
    let Some(file) = source.file.as_deref().filter(|file| !file.is_empty()) else {
        return Ok(config::load_from(Sources { variables, ..Sources::default() }));
    };
    let path = Path::new(file);
    let content = fs::read_to_string(path).with_context(|| {
        format!("the configuration file {} (--config, REST_AUTH_CONFIG)", path.display())
    })?;
    let file = Some(ConfigFile { path, content: &content });
    Ok(config::load_from(Sources { file, variables, program: Vec::new() }))
}

/// Reads the configuration. Fails with its findings if it has errors.
pub(super) fn load_sound(source: &Source) -> anyhow::Result<Loaded> {
    let loaded = load(source)?;
    if loaded.has_errors() {
        for finding in loaded.findings.iter().filter(|f| f.severity == Severity::Error) {
            eprintln!("{}", line(finding));
        }
        bail!("the configuration cannot work; `rest-auth check` tells more");
    }
    Ok(loaded)
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
        Origin::Default | Origin::Derived { .. } => line,
        place => format!("{line} [{place}]"),
    }
}
