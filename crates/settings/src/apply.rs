//! Gives one value to the section that declares its key.

use std::path::Path;

use serde_json::Value;

use crate::assignment::Assignment;
use crate::composition::Composition;
use crate::django::values;
use crate::finding::Finding;
use crate::origin::ValueOrigin;
use crate::section::{Key, SetError};
use crate::{pem, unknown};

/// The longest value, in characters of JSON, that a message repeats.
const LONGEST_SHOWN: usize = 80;

pub(crate) fn apply(
    settings: &mut impl Composition,
    assignment: Assignment,
    folder: &Path,
    findings: &mut Vec<Finding>,
) {
    let name = assignment.name();
    let is_path = is_key(settings, &assignment, |key| key.is_path);
    let plain = |value: &Value| match pem::in_lines(values::plain(&name, value.clone())) {
        Value::String(path) if is_path && !path.is_empty() => below(folder, &path),
        value @ Value::Object(_) => placed(value, folder),
        value => value,
    };
    let readings: Vec<_> = assignment.readings.iter().map(plain).collect();
    let fail = |message: String| Finding::error(&name, assignment.origin.clone(), message);
    let outcome = match set(settings, &assignment.table, &assignment.key, &readings) {
        Err(SetError::Unknown) => from_file(settings, &assignment, folder),
        Err(other) => Err(Refusal::Set(other)),
        Ok(position) => {
            if position == 0 {
                findings.extend(quoted(&assignment));
            }
            Ok(name.clone())
        }
    };
    match outcome {
        Ok(name) => settings.origins_mut().note(name, assignment.origin),
        Err(Refusal::Set(SetError::Refused(error))) => {
            let value = assignment
                .readings
                .first()
                .filter(|_| !is_key(settings, &assignment, |key| key.secret));
            let finding =
                fail(format!("`{name}` {error}{}", value.map_or_else(String::new, shown)));
            findings.push(finding.cure(error.cure().unwrap_or_default()));
        }
        Err(Refusal::Set(SetError::Unbuilt(why))) => {
            findings.push(fail(format!("`{name}` {why}")).cure("remove it"));
        }
        Err(Refusal::Set(SetError::Unknown)) => {
            findings.push(unknown::finding(&settings.sections(), &assignment));
        }
        Err(Refusal::File(error)) => {
            let finding = fail(format!("`{name}` names a file that cannot be read"));
            findings.push(finding.cure(error));
        }
        Err(Refusal::Empty(path)) => {
            let finding = fail(format!("`{name}` names a file that is empty: {path}"));
            findings.push(finding.cure("write the secret into it"));
        }
    }
}

/// A table with the files that it names, by keys that end as `secret_file` does, below the folder of
/// the configuration, as those of whole settings are.
fn placed(value: Value, folder: &Path) -> Value {
    let member = |(name, value): (String, Value)| {
        let value = match value {
            Value::String(path) if name.to_lowercase().ends_with("_file") => below(folder, &path),
            other => placed(other, folder),
        };
        (name, value)
    };
    match value {
        Value::Object(table) => Value::Object(table.into_iter().map(member).collect()),
        Value::Array(items) => items.into_iter().map(|item| placed(item, folder)).collect(),
        other => other,
    }
}

/// A path that begins at the folder of the configuration, unless it begins at the root.
fn below(folder: &Path, path: &str) -> Value {
    folder.join(path).to_string_lossy().into()
}

/// Tries the readings of a value until one is accepted, and returns its position. The first refusal
/// is the one reported; one of a value of the right type says more than one of a wrong type.
fn set(
    settings: &mut impl Composition,
    table: &str,
    key: &str,
    readings: &[Value],
) -> Result<usize, SetError> {
    for section in settings.sections_mut() {
        if section.table() != table {
            continue;
        }
        let mut refusal: Option<SetError> = None;
        for (position, value) in readings.iter().enumerate() {
            match section.set(key, value) {
                Ok(()) => return Ok(position),
                Err(SetError::Unknown) => break,
                Err(error) if refusal.is_none() || has_cure(&error) => refusal = Some(error),
                Err(_) => {}
            }
        }
        if let Some(error) = refusal {
            return Err(error);
        }
    }
    Err(SetError::Unknown)
}

fn has_cure(error: &SetError) -> bool {
    matches!(error, SetError::Refused(error) if error.cure().is_some())
}

/// A warning about a variable whose text was taken as it is and stands in quotation marks. A shell
/// removes them, `docker run --env-file` does not.
fn quoted(assignment: &Assignment) -> Option<Finding> {
    let text = assignment.readings.first().and_then(Value::as_str).unwrap_or_default();
    let within = |mark: char| text.len() > 1 && text.starts_with(mark) && text.ends_with(mark);
    let is_variable = matches!(assignment.origin, ValueOrigin::Environment { .. });
    if !is_variable || !(within('"') || within('\'')) {
        return None;
    }
    let name = assignment.name();
    let message = format!("the quotation marks around `{name}` are part of its value");
    let finding = Finding::warning(&name, assignment.origin.clone(), message);
    Some(finding.cure("remove them: `docker run --env-file` hands them on"))
}

/// Whether the key of an assignment is one of a kind.
fn is_key(
    settings: &impl Composition,
    assignment: &Assignment,
    is_of_kind: fn(&Key) -> bool,
) -> bool {
    let sections = settings.sections();
    let of_table = sections.iter().filter(|section| section.table() == assignment.table);
    let mut keys = of_table.flat_map(|section| section.keys());
    keys.any(|key| key.name == assignment.key && is_of_kind(&key))
}

/// The refused value, as far as it is short. An address may have a password in it.
fn shown(value: &Value) -> String {
    let text = value.to_string();
    let has_login = text.contains("://") && text.contains('@');
    if value.is_object() || has_login || text.chars().count() > LONGEST_SHOWN {
        return String::new();
    }
    format!(" (it is {text})")
}

/// Why a key was not set from a file of its own.
enum Refusal {
    Set(SetError),
    File(String),
    Empty(String),
}

/// `<key>_file` of a secret or a key in PEM: its content without the line end, or one secret per
/// line for a list.
fn from_file(
    settings: &mut impl Composition,
    assignment: &Assignment,
    folder: &Path,
) -> Result<String, Refusal> {
    let key = assignment.key.strip_suffix("_file").ok_or(Refusal::Set(SetError::Unknown))?;
    let sections = settings.sections();
    let mut keys = sections.iter().filter(|s| s.table() == assignment.table).flat_map(|s| s.keys());
    if !keys.any(|known| known.name == key && known.has_file) {
        return Err(Refusal::Set(SetError::Unknown));
    }
    let path = assignment.readings.first().and_then(Value::as_str).unwrap_or_default();
    let content = std::fs::read_to_string(folder.join(path))
        .map_err(|error| Refusal::File(format!("{path}: {error}")))?;
    let content = content.trim_end_matches(['\r', '\n']);
    if content.trim().is_empty() {
        return Err(Refusal::Empty(path.to_owned()));
    }
    let readings = [Value::from(content), content.lines().collect()];
    set(settings, &assignment.table, key, &readings).map_err(Refusal::Set)?;
    Ok(format!("{}.{key}", assignment.table))
}
