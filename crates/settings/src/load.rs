//! Reads the settings from a file, the environment and the program.

use std::ffi::OsString;
use std::path::Path;

use serde_json::Value;

use crate::apply::apply;
use crate::assignment::{Assignment, over, without_duplicates};
use crate::composition::Composition;
use crate::django::legacy;
use crate::finding::{Finding, Severity};
use crate::origin::Text;
use crate::profile::Profile;
use crate::value::SettingValue as _;
use crate::{environment, file};

/// The text of a configuration file.
#[derive(Clone, Copy, Debug)]
pub struct ConfigFile<'a> {
    /// Where it was read from. Paths in `<key>_file` are relative to its folder.
    pub path: &'a Path,
    /// Its content.
    pub content: &'a str,
}

/// Where a configuration comes from. Each source overrides those before it.
#[derive(Clone, Debug, Default)]
pub struct Sources<'a> {
    /// The configuration file.
    pub file: Option<ConfigFile<'a>>,
    /// Environment variables. Variables that do not begin with `REST_AUTH__` are ignored.
    pub variables: Vec<(OsString, OsString)>,
    /// Values that the program sets, by names such as `rest_auth.use_jwt`.
    pub program: Vec<(String, Value)>,
}

/// The result of reading a configuration.
#[derive(Clone, Debug)]
pub struct Loaded<S> {
    /// The settings. A key whose value was refused has its default.
    pub settings: S,
    /// Everything that is wrong, errors first, each group in the order of the file.
    pub findings: Vec<Finding>,
}

impl<S> Loaded<S> {
    /// Whether the settings must not be used.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// Adds findings in their order. One that is there already is not repeated: two cookies can
    /// share the key that is wrong.
    pub fn report(&mut self, findings: Vec<Finding>) {
        self.findings.extend(findings);
        self.findings.sort_by_cached_key(|finding| (finding.severity, finding.origin.position()));
        self.findings.dedup();
    }
}

/// Reads a configuration. It reads the files that `<key>_file` names, and nothing else.
#[must_use]
pub fn load<S: Composition>(sources: Sources<'_>) -> Loaded<S> {
    let Sources { file, variables, program } = sources;
    let mut findings = Vec::new();
    let name = file.map(|file| file.path.to_string_lossy().into_owned()).unwrap_or_default();
    let text = file.map(|file| Text { name: &name, content: file.content });
    let from_file = text.map(|text| file::read(text, &mut findings)).unwrap_or_default();
    let from_file = without_duplicates(from_file, &mut findings);
    let of_program =
        program.into_iter().map(|(name, value)| Assignment::of_program(&name, value)).collect();
    let names = S::with_defaults(Profile::default());
    findings.extend(environment::lookalikes(&variables, &names.sections()));
    let from_environment = environment::read(variables, &mut findings);
    let assignments = over(of_program, over(from_environment, from_file));
    let assignments = legacy::translate(assignments, &mut findings);

    let (profile, assignments): (Vec<_>, Vec<_>) =
        assignments.into_iter().partition(|assignment| assignment.name() == "profile");
    let mut settings = S::with_defaults(read_profile(&profile, &mut findings));
    for assignment in profile {
        settings.origins_mut().note("profile", assignment.origin);
    }
    let folder = file.and_then(|file| file.path.parent()).unwrap_or(Path::new(""));
    for assignment in assignments {
        apply(&mut settings, assignment, folder, &mut findings);
    }
    let mut loaded = Loaded { settings, findings: Vec::new() };
    loaded.report(findings);
    loaded
}

fn read_profile(assignments: &[Assignment], findings: &mut Vec<Finding>) -> Profile {
    let Some(assignment) = assignments.first() else {
        return Profile::default();
    };
    let value = assignment.readings.first().unwrap_or(&Value::Null);
    Profile::parse(value).unwrap_or_else(|error| {
        let finding =
            Finding::error("profile", assignment.origin.clone(), format!("`profile` {error}"));
        findings.push(finding.cure(error.cure().unwrap_or_default()));
        Profile::default()
    })
}
