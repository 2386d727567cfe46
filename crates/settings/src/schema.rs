//! A JSON Schema (2020-12) of the configuration file, for editors.

use serde_json::{Map, Value, json};

use crate::composition::Composition;
use crate::profile::Profile;
use crate::section::Key;
use crate::value::SettingValue as _;

/// The schema, as indented JSON. It describes keys in their own spelling, not Django's.
#[must_use]
pub fn schema<S: Composition>() -> String {
    let mut tables = Map::new();
    tables.insert("profile".to_owned(), Profile::schema());
    for section in S::with_defaults(Profile::Strict).sections() {
        let table = tables.entry(section.table()).or_insert_with(|| {
            json!({
                "description": section.about().trim(),
                "type": "object",
                "properties": {},
                "additionalProperties": false,
            })
        });
        let Some(properties) = table["properties"].as_object_mut() else { continue };
        for key in section.keys().into_iter().filter(|key| key.unbuilt.is_none()) {
            if key.has_file {
                let about = format!("A file with the value of `{}`.", key.name);
                let file = json!({"description": about, "type": "string"});
                properties.insert(format!("{}_file", key.name), file);
            }
            properties.insert(key.name.to_owned(), property(key));
        }
    }
    let document = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Configuration of rest-auth",
        "type": "object",
        "properties": tables,
        "additionalProperties": false,
    });
    format!("{document:#}\n")
}

fn property(key: Key) -> Value {
    let words: Vec<_> = key.doc.split_whitespace().collect();
    let mut property = key.schema;
    if let Some((min, max)) = key.range
        && property["type"] == "integer"
    {
        property["minimum"] = json!(min);
        property["maximum"] = json!(max);
    }
    property["description"] = Value::from(words.join(" "));
    property["default"] = key.strict;
    property
}
