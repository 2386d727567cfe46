//! Findings about keys that no section declares.

use crate::assignment::Assignment;
use crate::django::names;
use crate::finding::Finding;
use crate::origin::ValueOrigin;
use crate::section::Section;
use crate::{environment, suggest};

/// A key that does not exist, or that Django has and this server has not.
pub(crate) fn finding(sections: &[&dyn Section], assignment: &Assignment) -> Finding {
    let name = assignment.name();
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
            match suggest::key(sections, &assignment.table, &assignment.key) {
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
fn spelled_like(origin: &ValueOrigin, key: String) -> String {
    match origin {
        ValueOrigin::Environment { .. } => environment::variable_of(&key),
        _ => key,
    }
}
