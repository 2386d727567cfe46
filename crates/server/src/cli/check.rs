//! `rest-auth check`

use std::io::{self, Write as _};

use anyhow::bail;
use rest_auth_http::config::Severity;
use rest_auth_http::config::deploy;

use super::arguments::Source;
use super::source;

/// Prints each finding, errors to standard error.
pub(super) fn run(source: &Source, for_production: bool) -> anyhow::Result<()> {
    let loaded = source::load(source)?;
    let mut findings = loaded.findings;
    if for_production {
        findings.extend(deploy(&loaded.settings));
    }
    let mut out = io::stdout().lock();
    for finding in &findings {
        match finding.severity {
            Severity::Error => eprintln!("{}", source::line(finding)),
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
