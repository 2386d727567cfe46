//! Environment variables: `REST_AUTH__SIMPLE_JWT__SIGNING_KEY` is `simple_jwt.signing_key`.

use std::ffi::OsString;

use serde_json::Value;
use toml::de::DeValue;

use crate::assignment::Assignment;
use crate::django::names;
use crate::file::to_json;
use crate::finding::Finding;
use crate::origin::ValueOrigin;
use crate::section::Section;
use crate::suggest;

/// The prefix of the variables of this server.
pub(crate) const PREFIX: &str = "REST_AUTH__";

/// The assignments among a set of variables, by name. A value that is not text is an error only in
/// variables of this server.
pub(crate) fn read(
    variables: Vec<(OsString, OsString)>,
    findings: &mut Vec<Finding>,
) -> Vec<Assignment> {
    let mut found = Vec::new();
    for (name, value) in variables {
        let Ok(name) = name.into_string() else { continue };
        match value.into_string() {
            Ok(text) => found.extend(assignment(name, &text)),
            Err(_) if name.starts_with(PREFIX) => {
                let message = format!("{name} is not UTF-8");
                findings.push(Finding::error(
                    "",
                    ValueOrigin::Environment { variable: name },
                    message,
                ));
            }
            Err(_) => {}
        }
    }
    found.sort_by_key(|assignment| assignment.origin.to_string());
    found
}

/// Warnings about variables that begin with one underscore and name a key with it. Others are left
/// alone: where a service is called `rest-auth`, Kubernetes sets `REST_AUTH_PORT` for example.
pub(crate) fn lookalikes(
    variables: &[(OsString, OsString)],
    sections: &[&dyn Section],
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for variable in variables.iter().filter_map(|(name, _)| name.to_str()) {
        let word = variable.strip_prefix("REST_AUTH_").filter(|_| !variable.starts_with(PREFIX));
        let Some(word) = word.map(str::to_ascii_lowercase) else { continue };
        // `REST_AUTH_USE_JWT`: the name of the table was taken for the prefix.
        let own = format!("rest_auth_{word}");
        let known = suggest::joined(sections, &word).or_else(|| suggest::joined(sections, &own));
        if let Some(key) = known {
            let origin = ValueOrigin::Environment { variable: variable.to_owned() };
            let meant = variable_of(&key);
            let finding = Finding::warning(&key, origin, format!("{variable} is not read"));
            findings.push(finding.cure(format!("did you mean `{meant}`?")));
        }
    }
    findings
}

/// The variable that sets a key such as `server.bind`.
pub(crate) fn variable_of(key: &str) -> String {
    format!("{PREFIX}{}", key.replacen('.', "__", 1).to_ascii_uppercase())
}

fn assignment(variable: String, text: &str) -> Option<Assignment> {
    let name = variable.strip_prefix(PREFIX)?.to_ascii_lowercase();
    let (table, key) = match name.split_once("__") {
        Some((table, key)) => names::inside(table, key),
        None => (String::new(), name),
    };
    let readings = readings(text);
    Some(Assignment { table, key, readings, origin: ValueOrigin::Environment { variable } })
}

/// A variable has no type: it is text, or a TOML value, or a list with commas.
fn readings(text: &str) -> Vec<Value> {
    let parse = |text: &str| DeValue::parse(text).ok().map(|value| to_json(value.get_ref()));
    let mut readings = vec![Value::from(text)];
    // Python's spelling of booleans is a common slip.
    readings.extend(parse(text).or_else(|| parse(&text.to_ascii_lowercase())));
    readings.push(text.split(',').map(|item| Value::from(item.trim())).collect());
    readings
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_and_readings() {
        let variables = [
            ("REST_AUTH__SERVER__ALLOWED_HOSTS", "a.example, b.example"),
            ("REST_AUTH__PROFILE", "django"),
            ("REST_AUTH_CONFIG", "ignored"),
            ("REST_AUTH__REST_AUTH__USE_JWT", "True"),
        ];
        let variables = variables.map(|(name, text)| (name.into(), text.into()));
        let mut findings = Vec::new();
        let found = read(variables.into(), &mut findings);
        assert_eq!(findings, []);
        let names: Vec<_> = found.iter().map(Assignment::name).collect();
        assert_eq!(names, ["profile", "rest_auth.use_jwt", "server.allowed_hosts"]);
        assert_eq!(found[1].readings, [json!("True"), json!(true), json!(["True"])]);
        assert_eq!(found[2].readings[1], json!(["a.example", "b.example"]));
    }

    #[cfg(unix)]
    #[test]
    fn only_variables_of_this_server_must_be_text() {
        use std::os::unix::ffi::OsStringExt as _;

        let bytes = || OsString::from_vec(vec![0xff]);
        let mut findings = Vec::new();
        let variables = vec![("HOME".into(), bytes()), ("REST_AUTH__LOG__LEVEL".into(), bytes())];
        assert!(read(variables, &mut findings).is_empty());
        let messages: Vec<_> = findings.iter().map(|finding| &*finding.message).collect();
        assert_eq!(messages, ["REST_AUTH__LOG__LEVEL is not UTF-8"]);
    }
}
