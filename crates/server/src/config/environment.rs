//! Environment variables: `REST_AUTH__SIMPLE_JWT__SIGNING_KEY` is `simple_jwt.signing_key`.

use serde_json::Value;
use toml::de::DeValue;

use super::file::{Assignment, to_json};
use super::names;
use super::origin::Origin;

/// What every variable of this server begins with.
pub(super) const PREFIX: &str = "REST_AUTH__";

/// The assignments among a set of variables, by name.
pub(super) fn read(variables: impl Iterator<Item = (String, String)>) -> Vec<Assignment> {
    let mut found: Vec<_> = variables.filter_map(|(name, text)| assignment(name, &text)).collect();
    found.sort_by_key(|assignment| assignment.origin.to_string());
    found
}

fn assignment(variable: String, text: &str) -> Option<Assignment> {
    let name = variable.strip_prefix(PREFIX)?.to_ascii_lowercase();
    let (table, key) = match name.split_once("__") {
        Some((table, key)) => names::inside(table, key),
        None => (String::new(), name),
    };
    let readings = readings(text);
    Some(Assignment { table, key, readings, origin: Origin::Environment { variable } })
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
        let variables = variables.map(|(name, text)| (name.to_owned(), text.to_owned()));
        let found = read(variables.into_iter());
        let names: Vec<_> = found.iter().map(Assignment::name).collect();
        assert_eq!(names, ["profile", "rest_auth.use_jwt", "server.allowed_hosts"]);
        assert_eq!(found[1].readings, [json!("True"), json!(true), json!(["True"])]);
        assert_eq!(found[2].readings[1], json!(["a.example", "b.example"]));
    }
}
