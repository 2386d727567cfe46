//! Compares what came back with what was recorded.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::template::Variables;

/// What an expectation may refer to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context<'a> {
    pub(crate) vars: &'a Variables,
    /// The configuration of the scenario.
    pub(crate) config: &'a Value,
    /// The server's time just after it answered.
    pub(crate) now: DateTime<Utc>,
}

/// Whether the order of an object's keys counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keys {
    /// As in the recording.
    InOrder,
    /// In any order.
    AnyOrder,
}

/// Collects the differences.
#[derive(Debug)]
pub(crate) struct Comparer<'a> {
    pub(crate) context: Context<'a>,
    pub(crate) problems: Vec<String>,
}

impl<'a> Comparer<'a> {
    pub(crate) fn new(context: Context<'a>) -> Self {
        Self { context, problems: Vec::new() }
    }

    /// Notes a difference at a place; the empty place is the whole body.
    pub(crate) fn fail(&mut self, place: &str, message: impl std::fmt::Display) {
        let place = if place.is_empty() { "/" } else { place };
        self.problems.push(format!("{place}: {message}"));
    }

    /// Compares a value with one that may contain matchers.
    pub(crate) fn value(&mut self, expected: &Value, actual: &Value, place: &str, keys: Keys) {
        if let Some(matcher) = as_matcher(expected) {
            return self.matches(matcher, actual, place);
        }
        match (expected, actual) {
            (Value::Object(expected), Value::Object(actual)) => {
                self.object(expected, actual, place, keys);
            }
            (Value::Object(_), _) => {
                self.fail(place, format!("wanted an object, got {}", short(actual)));
            }
            (Value::Array(wanted), Value::Array(got)) if wanted.len() == got.len() => {
                for (index, (wanted, got)) in wanted.iter().zip(got).enumerate() {
                    self.value(wanted, got, &format!("{place}/{index}"), keys);
                }
            }
            _ if expected == actual => {}
            _ => self.fail(place, format!("wanted {}, got {}", short(expected), short(actual))),
        }
    }

    fn object(
        &mut self,
        expected: &Map<String, Value>,
        actual: &Map<String, Value>,
        place: &str,
        keys: Keys,
    ) {
        for (key, wanted) in expected {
            match actual.get(key) {
                Some(got) => self.value(wanted, got, &format!("{place}/{key}"), keys),
                None => self.fail(place, format!("key {key:?} is missing")),
            }
        }
        for (key, got) in actual.iter().filter(|(key, _)| !expected.contains_key(*key)) {
            self.fail(place, format!("unexpected key {key:?} = {}", short(got)));
        }
        let same_keys =
            expected.len() == actual.len() && expected.keys().all(|key| actual.contains_key(key));
        if keys == Keys::InOrder && same_keys && !expected.keys().eq(actual.keys()) {
            let list = |map: &Map<String, Value>| map.keys().cloned().collect::<Vec<_>>();
            let (got, wanted) = (list(actual), list(expected));
            self.fail(place, format!("key order is {got:?}, wanted {wanted:?}"));
        }
    }
}

/// The matchers of an expectation: an object whose keys all begin with `$`.
pub(crate) fn as_matcher(value: &Value) -> Option<&Map<String, Value>> {
    value.as_object().filter(|map| !map.is_empty() && map.keys().all(|key| key.starts_with('$')))
}

/// A value for a message, cut after 200 characters.
pub(crate) fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(200) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::json;

    use super::*;

    pub(crate) const NOW: i64 = 1_700_000_000;

    /// The differences between two values, with some variables and a configuration.
    pub(crate) fn differences(
        vars: &Value,
        config: &Value,
        expected: &Value,
        actual: &Value,
    ) -> Vec<String> {
        let mut variables = Variables::new(config);
        for (name, value) in vars.as_object().unwrap() {
            variables.set(name, value.clone());
        }
        let now = DateTime::from_timestamp(NOW, 0).unwrap();
        let mut comparer = Comparer::new(Context { vars: &variables, config, now });
        comparer.value(expected, actual, "", Keys::InOrder);
        comparer.problems
    }

    #[expect(clippy::needless_pass_by_value, reason = "values made in place read better")]
    fn plain(expected: Value, actual: Value) -> Vec<String> {
        differences(&json!({}), &json!({}), &expected, &actual)
    }

    #[test]
    fn equal_values_are_equal() {
        let value = json!({"a": [1, {"b": null}], "c": "x", "d": {}, "e": [], "f": 1.5});
        assert_eq!(plain(value.clone(), value), Vec::<String>::new());
    }

    #[test]
    fn says_where_values_differ() {
        let got = plain(json!({"a": [1, {"b": 2}]}), json!({"a": [1, {"b": "2"}]}));
        assert_eq!(got, [r#"/a/1/b: wanted 2, got "2""#]);
    }

    #[test]
    fn types_count() {
        for (expected, actual) in [
            (json!(1), json!(true)),
            (json!(1), json!(1.0)),
            (json!(null), json!("")),
            (json!([]), json!({})),
            (json!({}), json!([])),
            (json!({"a": 1}), json!("a")),
            (json!([1]), json!([1, 2])),
        ] {
            assert_eq!(plain(expected.clone(), actual).len(), 1, "{expected}");
        }
    }

    #[test]
    fn missing_and_unexpected_keys_are_told() {
        let got = plain(json!({"a": 1, "b": 2}), json!({"a": 1, "c": 3}));
        assert_eq!(got, [r#"/: key "b" is missing"#, r#"/: unexpected key "c" = 3"#]);
    }

    #[test]
    fn key_order_counts() {
        let (ab, ba) = (json!({"x": {"a": 1, "b": 2}}), json!({"x": {"b": 2, "a": 1}}));
        let got = plain(ab, ba);
        assert_eq!(got, [r#"/x: key order is ["b", "a"], wanted ["a", "b"]"#]);
    }

    #[test]
    fn long_values_are_cut() {
        let text = "\u{e9}".repeat(300);
        assert_eq!(short(&json!(text)).chars().count(), 201);
    }
}
