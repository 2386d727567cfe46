//! Values that were given to keys, before any section has seen them.

use std::collections::HashMap;

use serde_json::Value;

use crate::django::names::{self, TopLevelName};
use crate::finding::Finding;
use crate::origin::ValueOrigin;

/// One value that was given to one key.
#[derive(Clone, Debug)]
pub(crate) struct Assignment {
    /// The table, or empty for the keys above all tables.
    pub(crate) table: String,
    /// The key inside the table.
    pub(crate) key: String,
    /// The value. An environment variable has several readings, the likeliest first.
    pub(crate) readings: Vec<Value>,
    /// Where it was given.
    pub(crate) origin: ValueOrigin,
}

impl Assignment {
    /// A value that the program sets itself, by a name such as `rest_auth.use_jwt` or `USE_TZ`.
    pub(crate) fn of_program(name: &str, value: Value) -> Self {
        let (table, key) = match name.split_once('.') {
            Some((table, key)) => names::inside(table, key),
            None => match names::top_level(name) {
                TopLevelName::Key { table, key } => (table, key),
                // A whole table: it is reported as a key that does not exist.
                TopLevelName::Table(table) => (String::new(), table),
            },
        };
        Self { table, key, readings: vec![value], origin: ValueOrigin::Program }
    }

    /// The name with the table: `session.cookie_age`.
    pub(crate) fn name(&self) -> String {
        if self.table.is_empty() {
            self.key.clone()
        } else {
            format!("{}.{}", self.table, self.key)
        }
    }

    /// The name of the key that it gives a value to, also when it names the file with the value.
    fn target(&self) -> String {
        let name = self.name();
        name.strip_suffix("_file").map_or_else(|| name.clone(), str::to_owned)
    }
}

/// Keeps the first of two assignments to one key, which can differ in case or in `_file`.
pub(crate) fn without_duplicates(
    mut assignments: Vec<Assignment>,
    findings: &mut Vec<Finding>,
) -> Vec<Assignment> {
    assignments.sort_by_key(|assignment| assignment.origin.position());
    let mut seen: HashMap<String, ValueOrigin> = HashMap::new();
    assignments.retain(|assignment| {
        let Some(first) = seen.get(&assignment.target()) else {
            seen.insert(assignment.target(), assignment.origin.clone());
            return true;
        };
        let name = assignment.name();
        let message = format!("`{name}` is set a second time");
        let finding = Finding::error(&name, assignment.origin.clone(), message);
        findings.push(finding.cure(format!("remove one of the two, the first is at {first}")));
        false
    });
    assignments
}

/// Puts the assignments of one source over those of weaker ones, which lose the keys that it sets.
pub(crate) fn over(stronger: Vec<Assignment>, mut weaker: Vec<Assignment>) -> Vec<Assignment> {
    weaker.retain(|assignment| !stronger.iter().any(|other| other.name() == assignment.name()));
    weaker.extend(stronger);
    weaker
}
