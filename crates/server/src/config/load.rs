//! From a file and the environment to settings and findings.

use std::collections::HashMap;
use std::path::Path;

use rest_auth_settings::{Profile, SetError, SettingValue};
use serde_json::Value;

use super::file::Assignment;
use super::finding::{Finding, Severity};
use super::origin::{Origin, Text};
use super::settings::Settings;
use super::{check, derive, environment, file, legacy, names, suggest, values};

/// The text of a configuration file.
#[derive(Clone, Copy, Debug)]
pub struct ConfigFile<'a> {
    /// Where it was read from. Paths in `<key>_file` are relative to its folder.
    pub path: &'a Path,
    /// Its content.
    pub content: &'a str,
}

/// What came of a configuration.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The settings. Where a key was refused, its default.
    pub settings: Settings,
    /// Everything that is wrong, errors first, each group in the order of the file.
    pub findings: Vec<Finding>,
}

impl Loaded {
    /// Whether the server must not start.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }
}

/// Reads a configuration. Variables that do not begin with `REST_AUTH__` are left alone.
///
/// Reads the files that `<key>_file` names, and nothing else.
pub fn load(
    file: Option<ConfigFile<'_>>,
    variables: impl Iterator<Item = (String, String)>,
) -> Loaded {
    let mut findings = Vec::new();
    let name = file.map(|file| file.path.to_string_lossy().into_owned()).unwrap_or_default();
    let text = file.map(|file| Text { name: &name, content: file.content });
    let from_file = text.map(|text| file::read(text, &mut findings)).unwrap_or_default();
    let from_file = without_duplicates(from_file, &mut findings);
    let from_environment = environment::read(variables);

    let overridden = |assignment: &Assignment| {
        !from_environment.iter().any(|other| other.name() == assignment.name())
    };
    let mut assignments: Vec<_> = from_file.into_iter().filter(overridden).collect();
    assignments.extend(from_environment.iter().cloned());
    let assignments = legacy::translate(assignments, &mut findings);

    let (profile, assignments): (Vec<_>, Vec<_>) =
        assignments.into_iter().partition(|assignment| assignment.name() == "profile");
    let mut settings = Settings::defaults(read_profile(&profile, &mut findings));
    for assignment in profile {
        settings.note_origin("profile".to_owned(), assignment.origin);
    }
    let folder = file.and_then(|file| file.path.parent()).unwrap_or(Path::new(""));
    for assignment in assignments {
        apply(&mut settings, assignment, folder, &mut findings);
    }
    derive::derive(&mut settings);
    // The whole is judged only if its parts could be read: a refused key is at its default.
    if !findings.iter().any(|finding| finding.severity == Severity::Error) {
        findings.extend(check::check(&settings));
    }
    findings.sort_by_cached_key(|finding| (finding.severity, position(&finding.origin)));
    // Two cookies can share the key that is wrong.
    findings.dedup();
    Loaded { settings, findings }
}

/// Sorts what stands in the file by line, and everything else after it.
fn position(origin: &Origin) -> (usize, usize) {
    match origin {
        Origin::File { line, column, .. } => (*line, *column),
        _ => (usize::MAX, 0),
    }
}

/// Keeps the first of two assignments to one key, which can differ in case or in `_file`.
fn without_duplicates(
    mut assignments: Vec<Assignment>,
    findings: &mut Vec<Finding>,
) -> Vec<Assignment> {
    assignments.sort_by_key(|assignment| position(&assignment.origin));
    let mut seen: HashMap<String, Origin> = HashMap::new();
    assignments.retain(|assignment| {
        let name = assignment.name();
        let value = name.strip_suffix("_file").unwrap_or(&name);
        let Some(first) = seen.get(value) else {
            seen.insert(value.to_owned(), assignment.origin.clone());
            return true;
        };
        let message = format!("`{name}` is set a second time");
        let finding = Finding::error(&name, assignment.origin.clone(), message);
        findings.push(finding.cure(format!("remove one of the two, the first is at {first}")));
        false
    });
    assignments
}

fn read_profile(assignments: &[Assignment], findings: &mut Vec<Finding>) -> Profile {
    let Some(assignment) = assignments.first() else {
        return Profile::default();
    };
    let value = assignment.readings.first().unwrap_or(&Value::Null);
    Profile::parse(value).unwrap_or_else(|error| {
        let message = format!("`profile` {error}");
        findings.push(Finding::error("profile", assignment.origin.clone(), message));
        Profile::default()
    })
}

fn apply(
    settings: &mut Settings,
    assignment: Assignment,
    folder: &Path,
    findings: &mut Vec<Finding>,
) {
    let name = assignment.name();
    let readings = assignment.readings.iter().map(|value| values::plain(&name, value.clone()));
    let readings: Vec<_> = readings.collect();
    let fail = |message: String| Finding::error(&name, assignment.origin.clone(), message);
    let outcome = match set(settings, &assignment.table, &assignment.key, &readings) {
        Err(SetError::Unknown) => from_file(settings, &assignment, folder),
        other => other.map(|()| name.clone()).map_err(Refusal::Set),
    };
    match outcome {
        Ok(name) => settings.note_origin(name, assignment.origin),
        Err(Refusal::Set(SetError::Refused(error))) => {
            findings.push(fail(format!("`{name}` {error}")));
        }
        Err(Refusal::Set(SetError::Unbuilt(why))) => {
            findings.push(fail(format!("`{name}` {why}")).cure("remove it"));
        }
        Err(Refusal::Set(SetError::Unknown)) => findings.push(stranger(settings, &assignment)),
        Err(Refusal::File(error)) => {
            let finding = fail(format!("`{name}` names a file that cannot be read"));
            findings.push(finding.cure(error));
        }
    }
}

/// Tries the readings of a value until one is accepted; the first refusal is the one reported.
fn set(
    settings: &mut Settings,
    table: &str,
    key: &str,
    readings: &[Value],
) -> Result<(), SetError> {
    for section in settings.sections_mut() {
        if section.table() != table {
            continue;
        }
        let mut refusal = None;
        for value in readings {
            match section.set(key, value) {
                Ok(()) => return Ok(()),
                Err(SetError::Unknown) => break,
                Err(error) => {
                    refusal.get_or_insert(error);
                }
            }
        }
        if let Some(error) = refusal {
            return Err(error);
        }
    }
    Err(SetError::Unknown)
}

/// Why a key was not set from a file of its own.
enum Refusal {
    Set(SetError),
    File(String),
}

/// `<key>_file` of a secret: its content without the line end, or one secret per line for a list.
fn from_file(
    settings: &mut Settings,
    assignment: &Assignment,
    folder: &Path,
) -> Result<String, Refusal> {
    let key = assignment.key.strip_suffix("_file").ok_or(Refusal::Set(SetError::Unknown))?;
    let sections = settings.sections();
    let mut keys = sections.iter().filter(|s| s.table() == assignment.table).flat_map(|s| s.keys());
    if !keys.any(|known| known.name == key && known.secret) {
        return Err(Refusal::Set(SetError::Unknown));
    }
    let path = assignment.readings.first().and_then(Value::as_str).unwrap_or_default();
    let content = std::fs::read_to_string(folder.join(path))
        .map_err(|error| Refusal::File(format!("{path}: {error}")))?;
    let content = content.trim_end_matches(['\r', '\n']);
    let readings = [Value::from(content), content.lines().collect()];
    set(settings, &assignment.table, key, &readings).map_err(Refusal::Set)?;
    Ok(format!("{}.{key}", assignment.table))
}

/// A key that nobody knows, or that Django has and this server has not.
fn stranger(settings: &Settings, assignment: &Assignment) -> Finding {
    let name = assignment.name();
    let sections = settings.sections();
    let of_section = sections
        .iter()
        .filter(|section| section.table() == assignment.table)
        .flat_map(|section| section.instead())
        .find(|(key, _)| *key == assignment.key)
        .map(|(_, sentence)| *sentence);
    let finding = |message| Finding::error(&name, assignment.origin.clone(), message);
    match of_section.or_else(|| names::instead(&assignment.table, &assignment.key)) {
        // The sentence goes on where the name ends, or says what to do.
        Some(why) if ["has ", "is ", "cannot "].iter().any(|verb| why.starts_with(verb)) => {
            finding(format!("`{name}` {why}")).cure("remove it")
        }
        Some(what) => finding(format!("`{name}` cannot be set")).cure(what),
        None => {
            let unknown = finding(format!("unknown key `{name}`"));
            match suggest::key(&sections, &assignment.table, &assignment.key) {
                Some(known) => {
                    let known = spelled_like(&assignment.origin, known);
                    unknown.cure(format!("did you mean `{known}`?"))
                }
                None => unknown.cure("`rest-auth config example` lists every key"),
            }
        }
    }
}

/// A key in the spelling of the place that got it wrong.
fn spelled_like(origin: &Origin, key: String) -> String {
    match origin {
        Origin::Environment { .. } => {
            format!("{}{}", environment::PREFIX, key.replacen('.', "__", 1).to_ascii_uppercase())
        }
        _ => key,
    }
}

#[cfg(test)]
mod tests;
