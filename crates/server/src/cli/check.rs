//! `rest-auth check`

mod factors;
mod passwords;
mod schema;

use std::io::{self, Write as _};

use anyhow::bail;
use rest_auth_http::config::{Finding, Settings, Severity, ValueOrigin, deploy};

use super::arguments::ConfigSource;
use super::source;
use crate::log;
use crate::serve::{check_tls, open_files};

/// Prints each finding, errors to standard error. What the server refuses when it starts is an
/// error, as far as it can be known without connecting to anything. If the database is there, what it
/// lacks is told, too, and the second factors in it are counted.
pub(super) async fn run(source: &ConfigSource, for_production: bool) -> anyhow::Result<()> {
    let loaded = source::load(source)?;
    let is_sound = !loaded.has_errors();
    let mut findings = loaded.findings;
    findings.extend(of_server(&loaded.settings).await);
    if for_production {
        findings.extend(deploy(&loaded.settings));
    }
    let mut seen = factors::Told::default();
    if is_sound {
        match schema::findings(&loaded.settings).await {
            Ok(found) => {
                findings.extend(found);
                seen = factors::examine(&loaded.settings).await;
                findings.append(&mut seen.findings);
                findings.extend(passwords::findings(&loaded.settings).await);
            }
            Err(unseen) => findings.push(unseen),
        }
    }
    let mut out = io::stdout().lock();
    for line in &seen.lines {
        writeln!(out, "{line}")?;
    }
    for finding in &findings {
        match finding.severity {
            Severity::Error => log::tell(source::line(finding)),
            Severity::Warning => writeln!(out, "{}", source::line(finding))?,
        }
    }
    let errors = findings.iter().filter(|f| f.severity == Severity::Error).count();
    match (errors, findings.len()) {
        (0, 0) => writeln!(out, "nothing is wrong with the configuration")?,
        (0, warnings) => writeln!(out, "the configuration works; warnings: {warnings}")?,
        (errors, _) => bail!("the configuration cannot work; errors: {errors}"),
    }
    Ok(())
}

/// Findings about what only a server of its own has: its log, its certificate and its connections.
async fn of_server(settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Err(error) = log::check(&settings.log) {
        let origin = ValueOrigin::Environment { variable: "RUST_LOG".to_owned() };
        findings.push(Finding::error("log.level", origin, error.to_string()));
    }
    if let Err((key, problem)) = check_tls(&settings.server).await {
        let origin = settings.origin(key).clone();
        findings.push(Finding::error(key, origin, format!("`{key}`: {problem}")));
    }
    findings.extend(open_files::finding(settings));
    findings
}
