//! The part of JSON Schema (draft 2020-12) that the document uses.
//!
//! A keyword that is not known here is an error, so that none is passed over in silence. An
//! object has no other keys than those of its schema, unless that says which it may have: clients
//! are to put up with keys that a later version adds, but this version has to describe its own.

use serde_json::{Map, Value};

/// Keywords that say nothing about what is valid.
const ANNOTATIONS: [&str; 9] = [
    "title",
    "description",
    "format",
    "default",
    "example",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
];

/// Follows a reference into the document.
///
/// # Errors
/// If it leads nowhere, or in a circle.
pub(super) fn resolved<'d>(document: &'d Value, value: &'d Value) -> Result<&'d Value, String> {
    let mut value = value;
    for _ in 0..16 {
        let Some(reference) = value.get("$ref").and_then(Value::as_str) else { return Ok(value) };
        value = reference
            .strip_prefix('#')
            .and_then(|pointer| document.pointer(pointer))
            .ok_or_else(|| format!("{reference} leads nowhere"))?;
    }
    Err("a reference leads in a circle".to_owned())
}

/// Checks a value against a schema; `place` is where it is in the body.
///
/// # Errors
/// Says where and how it differs.
pub(super) fn check(
    document: &Value,
    schema: &Value,
    value: &Value,
    place: &str,
) -> Result<(), String> {
    let schema = resolved(document, schema)?;
    let Some(keywords) = schema.as_object() else {
        return match schema {
            Value::Bool(true) => Ok(()),
            Value::Bool(false) => Err(format!("{place}: must not be there")),
            _ => Err(format!("{place}: {schema} is no schema")),
        };
    };
    let node = Node { document, keywords, value, place };
    if keywords.get("type").is_some_and(|name| name == "object") {
        node.has_described_keys()?;
    }
    keywords.iter().try_for_each(|(keyword, wanted)| node.holds(keyword, wanted))
}

/// A value and the schema that it is to fit.
struct Node<'a> {
    document: &'a Value,
    keywords: &'a Map<String, Value>,
    value: &'a Value,
    place: &'a str,
}

impl Node<'_> {
    fn holds(&self, keyword: &str, wanted: &Value) -> Result<(), String> {
        match keyword {
            "type" => self.has_type(wanted),
            "enum" => self.is_that(list(wanted).contains(self.value), "not among the values"),
            "const" => self.is_that(wanted == self.value, "not the value"),
            "minLength" => self.has_length(|length| Some(length) >= wanted.as_u64(), "too short"),
            "maxLength" => self.has_length(|length| Some(length) <= wanted.as_u64(), "too long"),
            "required" => self.has_all(list(wanted)),
            "properties" => self.properties_fit(wanted),
            "additionalProperties" => self.others_fit(wanted),
            "items" => self.items_fit(wanted),
            "anyOf" | "oneOf" | "allOf" => self.alternatives_fit(keyword, list(wanted)),
            annotation if ANNOTATIONS.contains(&annotation) => Ok(()),
            unknown => Err(format!("{}: the keyword {unknown} is not checked", self.place)),
        }
    }

    fn is_that(&self, holds: bool, problem: &str) -> Result<(), String> {
        if holds { Ok(()) } else { Err(format!("{}: {} is {problem}", self.place, self.value)) }
    }

    fn has_type(&self, wanted: &Value) -> Result<(), String> {
        let names: Vec<&str> = match wanted {
            Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
            name => name.as_str().into_iter().collect(),
        };
        let fits = names.iter().any(|name| is_a(self.value, name));
        self.is_that(fits, &format!("no {}", names.join(" or ")))
    }

    fn has_length(&self, fits: impl Fn(u64) -> bool, problem: &str) -> Result<(), String> {
        let length = self.value.as_str().map(|text| text.chars().count());
        let length = length.and_then(|length| u64::try_from(length).ok());
        self.is_that(length.is_none_or(fits), problem)
    }

    fn has_all(&self, names: &[Value]) -> Result<(), String> {
        let Some(object) = self.value.as_object() else { return Ok(()) };
        let mut names = names.iter().filter_map(Value::as_str);
        match names.find(|name| !object.contains_key(*name)) {
            Some(name) => Err(format!("{}: {name:?} is missing", self.place)),
            None => Ok(()),
        }
    }

    fn properties_fit(&self, schemas: &Value) -> Result<(), String> {
        self.value.as_object().into_iter().flatten().try_for_each(|(name, value)| {
            let place = format!("{}/{name}", self.place);
            let schema = schemas.get(name);
            schema.map_or(Ok(()), |schema| check(self.document, schema, value, &place))
        })
    }

    fn has_described_keys(&self) -> Result<(), String> {
        match self.keywords.get("additionalProperties") {
            Some(_) => Ok(()),
            None => self.others_fit(&Value::Bool(false)),
        }
    }

    fn others_fit(&self, schema: &Value) -> Result<(), String> {
        let known = self.keywords.get("properties");
        self.value.as_object().into_iter().flatten().try_for_each(|(name, value)| {
            if known.is_some_and(|known| known.get(name).is_some()) {
                return Ok(());
            }
            check(self.document, schema, value, &format!("{}/{name}", self.place))
        })
    }

    fn items_fit(&self, schema: &Value) -> Result<(), String> {
        let items = self.value.as_array().into_iter().flatten().enumerate();
        items.into_iter().try_for_each(|(index, item)| {
            check(self.document, schema, item, &format!("{}/{index}", self.place))
        })
    }

    fn alternatives_fit(&self, keyword: &str, schemas: &[Value]) -> Result<(), String> {
        let verdicts = schemas.iter().map(|s| check(self.document, s, self.value, self.place));
        let problems: Vec<String> = verdicts.filter_map(Result::err).collect();
        let fitting = schemas.len() - problems.len();
        let holds = match keyword {
            "anyOf" => fitting > 0,
            "oneOf" => fitting == 1,
            _ => problems.is_empty(),
        };
        if holds {
            return Ok(());
        }
        Err(format!("{fitting} of {} alternatives fit: {}", schemas.len(), problems.join("; ")))
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn is_a(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn judged(schema: &Value, value: &Value) -> Result<(), String> {
        let document =
            json!({"defs": {"Text": {"type": "string"}, "Loop": {"$ref": "#/defs/Loop"}}});
        check(&document, schema, value, "")
    }

    #[test]
    fn each_keyword_lets_good_values_pass_and_bad_ones_not() {
        let closed = json!({"properties": {"a": {}}, "additionalProperties": false});
        for (schema, good, bad) in [
            (json!({"type": "string"}), json!(""), json!(1)),
            (json!({"type": ["integer", "null"]}), json!(null), json!(1.5)),
            (json!({"type": "number"}), json!(1.5), json!("1")),
            (json!({"type": "boolean"}), json!(false), json!(0)),
            (json!({"enum": ["a", 1]}), json!(1), json!("1")),
            (json!({"const": "a"}), json!("a"), json!("b")),
            (json!({"minLength": 2}), json!("éé"), json!("é")),
            (json!({"maxLength": 0}), json!(""), json!("a")),
            (json!({"required": ["a"]}), json!({"a": null}), json!({"b": 1})),
            (json!({"properties": {"a": {"type": "null"}}}), json!({"b": 1}), json!({"a": 1})),
            (closed, json!({"a": 1}), json!({"b": 1})),
            (json!({"type": "object"}), json!({}), json!({"a": 1})),
            (
                json!({"type": "object", "properties": {"a": {}}}),
                json!({"a": 1}),
                json!({"a": 1, "b": 1}),
            ),
            (
                json!({"additionalProperties": {"$ref": "#/defs/Text"}}),
                json!({"a": "b"}),
                json!({"a": 1}),
            ),
            (json!({"items": {"type": "string"}}), json!(["a"]), json!(["a", 1])),
            (json!({"anyOf": [{"type": "null"}, {"type": "string"}]}), json!("a"), json!(1)),
            (json!({"oneOf": [{"minLength": 1}, {"maxLength": 2}]}), json!("abc"), json!("ab")),
            (json!({"allOf": [{"minLength": 1}, {"maxLength": 2}]}), json!("ab"), json!("abc")),
            (json!({"$ref": "#/defs/Text"}), json!("a"), json!([])),
            (json!({"format": "email", "type": "string"}), json!("no address"), json!(1)),
        ] {
            assert_eq!(judged(&schema, &good), Ok(()), "{schema}");
            assert!(judged(&schema, &bad).is_err(), "{schema} {bad}");
        }
    }

    #[test]
    fn unknown_keywords_and_dead_references_are_errors() {
        for schema in [
            json!({"uniqueItems": true}),
            json!({"$ref": "#/defs/Nothing"}),
            json!({"$ref": "#/defs/Loop"}),
            json!("string"),
        ] {
            assert!(judged(&schema, &json!("a")).is_err(), "{schema}");
        }
    }

    #[test]
    fn says_where_it_differs() {
        let schema = json!({"properties": {"a": {"items": {"type": "string"}}}});
        let problem = judged(&schema, &json!({"a": ["b", 1]})).unwrap_err();
        assert_eq!(problem, "/a/1: 1 is no string");
    }
}
