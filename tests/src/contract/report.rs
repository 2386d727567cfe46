//! The results of a replay.

use std::collections::BTreeMap;
use std::fmt::Write;

/// A step that came out differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepFailure {
    /// Index of the step; `None` if the scenario did not get as far as its first step.
    pub step: Option<usize>,
    /// Method and path of a request, or what kind of step it is.
    pub action: String,
    /// The differences.
    pub problems: Vec<String>,
}

/// The result of one scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioResult {
    /// The folder of the scenario.
    pub area: String,
    /// The file name of the scenario, without `.json`.
    pub name: String,
    /// The steps that came out differently; none if the scenario passes.
    pub failures: Vec<StepFailure>,
}

impl ScenarioResult {
    /// `area/name`.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{}/{}", self.area, self.name)
    }

    /// Whether everything came out as recorded.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.failures.is_empty()
    }
}

/// The results of all scenarios that were run.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// One result for each scenario that was run, ordered by area and name.
    pub results: Vec<ScenarioResult>,
    /// The paths of all scenarios of the suite, also of those that were not run.
    pub known: Vec<String>,
}

impl Report {
    /// The scenarios that do not pass.
    pub fn failures(&self) -> impl Iterator<Item = &ScenarioResult> {
        self.results.iter().filter(|result| !result.passes())
    }

    /// The failing scenarios with their problems, the counts of each area, and as last line
    /// `contract: N of M scenarios pass (profile …)`.
    #[must_use]
    pub fn summary(&self, profile: &str) -> String {
        let mut out = String::new();
        for result in self.failures() {
            out += &described(result);
        }
        out + &self.counts(profile)
    }

    /// The counts alone.
    #[must_use]
    pub fn counts(&self, profile: &str) -> String {
        let mut out = String::new();
        let mut areas: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for result in &self.results {
            let (good, total) = areas.entry(&result.area).or_default();
            *good += usize::from(result.passes());
            *total += 1;
        }
        for (area, (good, total)) in &areas {
            let _ = writeln!(out, "{area:16} {good}/{total}");
        }
        let good = self.results.iter().filter(|result| result.passes()).count();
        let total = self.results.len();
        let _ = write!(out, "contract: {good} of {total} scenarios pass (profile {profile})");
        out
    }
}

/// A failing scenario with its problems, one for each line.
pub(crate) fn described(result: &ScenarioResult) -> String {
    let mut out = format!("FAIL {}\n", result.path());
    for StepFailure { step, action, problems } in &result.failures {
        let step = step.map_or_else(String::new, |index| format!("step {index} "));
        let _ = writeln!(out, "     {step}{action}");
        for problem in problems {
            let _ = writeln!(out, "       - {problem}");
        }
    }
    out
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A result that passes, or fails with one problem.
    pub(crate) fn result(area: &str, name: &str, problem: Option<&str>) -> ScenarioResult {
        let failure = problem.map(|problem| StepFailure {
            step: Some(2),
            action: "POST /login/".to_owned(),
            problems: vec![problem.to_owned()],
        });
        let failures = failure.into_iter().collect();
        ScenarioResult { area: area.to_owned(), name: name.to_owned(), failures }
    }

    #[test]
    fn tells_the_counts_and_the_problems() {
        let mut results = vec![result("login", "a", None), result("login", "b", Some("status: 1"))];
        results.push(result("user", "c", None));
        let report = Report { results, known: Vec::new() };
        let want = "FAIL login/b\n     step 2 POST /login/\n       - status: 1\n\
            login            1/2\nuser             1/1\n\
            contract: 2 of 3 scenarios pass (profile django)";
        assert_eq!(report.summary("django"), want);
    }
}
