//! Intended differences from the recordings.

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::fs;
use std::path::Path;

use regex::Regex;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::pattern::glob_fits;
use super::report::{Report, ScenarioResult, described};
use super::suite::SuiteError;

/// The intended differences of a profile, each with the reason.
///
/// As a file:
///
/// ```toml
/// # Settings that lie under each scenario: differences that would hide all others.
/// [config.secure]
/// no_store = false
///
/// # Patterns of problems that are none, wherever they show.
/// [tolerated]
/// '^/access<claims>: unexpected key "epoch"' = "access tokens end with the password"
///
/// # Scenarios that fail, or globs on them.
/// [expected_differences]
/// "login/says-whether-the-user-exists" = "tells a stranger who has an account"
/// "throttle/*" = "counts in windows"
/// ```
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expectations {
    /// Configuration that lies under that of each scenario.
    pub config: Map<String, Value>,
    /// Regular expressions on problems to the reason.
    pub tolerated: BTreeMap<String, String>,
    /// `area/name`, or a glob on that, to the reason.
    pub expected_differences: BTreeMap<String, String>,
}

impl Expectations {
    /// Reads the file.
    ///
    /// # Errors
    /// When it cannot be read, holds anything else, or gives no reason for a difference.
    pub fn load(path: &Path) -> Result<Self, SuiteError> {
        let text = fs::read_to_string(path).map_err(|error| SuiteError::new(path, error))?;
        Self::parse(&text).map_err(|message| SuiteError::new(path, message))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let parsed: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut reasons = parsed.tolerated.iter().chain(&parsed.expected_differences);
        if let Some((name, _)) = reasons.find(|(_, reason)| reason.trim().is_empty()) {
            return Err(format!("{name} has no reason"));
        }
        for pattern in parsed.tolerated.keys() {
            Regex::new(pattern).map_err(|error| error.to_string())?;
        }
        Ok(parsed)
    }

    /// A report without the problems that are tolerated.
    #[must_use]
    pub fn without_tolerated(&self, mut report: Report) -> Report {
        let patterns: Vec<_> = self.tolerated.keys().filter_map(|p| Regex::new(p).ok()).collect();
        for failure in report.results.iter_mut().flat_map(|result| &mut result.failures) {
            failure.problems.retain(|problem| !patterns.iter().any(|p| p.is_match(problem)));
        }
        for result in &mut report.results {
            result.failures.retain(|failure| !failure.problems.is_empty());
        }
        report
    }

    /// Holds a report against these expectations.
    #[must_use]
    pub fn verdict(&self, report: &Report) -> Verdict {
        let named = |result: &ScenarioResult| {
            self.expected_differences.keys().any(|glob| glob_fits(glob, &result.path()))
        };
        let (expected, unexpected) = report.failures().cloned().partition(named);
        let stale = self.expected_differences.keys().filter_map(|glob| stale(glob, report));
        Verdict { unexpected, expected, stale: stale.collect() }
    }
}

/// The reason why a named difference is stale. A glob is right while one scenario that it matches
/// fails. Names whose scenarios were not run are skipped.
fn stale(glob: &str, report: &Report) -> Option<String> {
    if !report.known.iter().any(|path| glob_fits(glob, path)) {
        return Some(format!("{glob}: there is no such scenario"));
    }
    let mut run = report.results.iter().filter(|result| glob_fits(glob, &result.path())).peekable();
    run.peek()?;
    run.all(ScenarioResult::passes).then(|| format!("{glob}: passes, so it is no difference"))
}

/// A report in the light of the differences that are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Failing scenarios that nothing names.
    pub unexpected: Vec<ScenarioResult>,
    /// Failing scenarios that are named.
    pub expected: Vec<ScenarioResult>,
    /// Named differences that are none any more, with an explanation.
    pub stale: Vec<String>,
}

impl Verdict {
    /// Whether exactly the named scenarios fail.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.unexpected.is_empty() && self.stale.is_empty()
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for result in &self.unexpected {
            f.write_str(&described(result))?;
        }
        for stale in &self.stale {
            writeln!(f, "STALE {stale}")?;
        }
        let (unexpected, stale) = (self.unexpected.len(), self.stale.len());
        let expected = self.expected.len();
        write!(f, "{expected} expected differences, {unexpected} unexpected, {stale} stale")?;
        f.write_char('\n')
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::tests::result;
    use super::*;

    fn verdict(names: &[&str]) -> Verdict {
        let results = vec![
            result("login", "a", None),
            result("login", "b", Some("x")),
            result("user", "c", None),
        ];
        let known = ["login/a", "login/b", "user/c", "user/not-run"].map(str::to_owned).to_vec();
        let names = names.iter().map(|name| ((*name).to_owned(), "why".to_owned())).collect();
        let expectations = Expectations { expected_differences: names, ..Default::default() };
        expectations.verdict(&Report { results, known })
    }

    #[test]
    fn an_unnamed_failure_is_an_error() {
        let got = verdict(&[]);
        assert!(!got.holds());
        assert_eq!(got.unexpected.len(), 1);
        assert!(got.to_string().starts_with("FAIL login/b\n"), "{got}");
    }

    #[test]
    fn a_named_failure_is_not() {
        for name in ["login/b", "login/*", "*"] {
            let got = verdict(&[name, "user/not-run"]);
            assert!(got.holds() && got.expected.len() == 1, "{got:?}");
        }
    }

    #[test]
    fn a_tolerated_problem_is_none() {
        let parsed = Expectations::parse("[tolerated]\n\"^x$\" = \"why\"").unwrap();
        let results = vec![result("a", "b", Some("x")), result("a", "c", Some("xx"))];
        let report = parsed.without_tolerated(Report { results, known: Vec::new() });
        assert!(report.results[0].passes() && !report.results[1].passes());
        assert!(Expectations::parse("[tolerated]\n\"(\" = \"why\"").is_err());
    }

    #[test]
    fn a_named_scenario_that_passes_is_stale() {
        let got = verdict(&["login/b", "login/a", "user/*", "usr/c"]);
        assert!(!got.holds());
        assert_eq!(
            got.stale,
            [
                "login/a: passes, so it is no difference",
                "user/*: passes, so it is no difference",
                "usr/c: there is no such scenario",
            ]
        );
    }

    #[test]
    fn the_file_gives_a_reason_for_each() {
        let parsed = Expectations::parse("[expected_differences]\n\"a/*\" = \"why\"").unwrap();
        assert_eq!(parsed.expected_differences["a/*"], "why");
        assert!(Expectations::parse("").unwrap().expected_differences.is_empty());
        assert!(Expectations::parse("[expected_differences]\n\"a/*\" = \" \"").is_err());
        assert!(Expectations::parse("[expected]\n\"a/*\" = \"why\"").is_err());
        assert!(Expectations::parse("[expected_differences]\n\"a/*\" = 1").is_err());
    }
}
