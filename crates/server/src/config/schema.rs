//! A JSON Schema (2020-12) of the configuration file, for editors.

use rest_auth_settings::{Key, Profile, SettingValue};
use serde_json::{Map, Value, json};

use super::settings::Settings;

/// The schema, as indented JSON. It describes keys in their own spelling, not Django's.
#[must_use]
pub fn schema() -> String {
    let mut tables = Map::new();
    tables.insert("profile".to_owned(), Profile::schema());
    for section in Settings::defaults(Profile::Strict).sections() {
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
            if key.secret {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn describes_every_key_that_can_be_set() {
        let document: Value = serde_json::from_str(&schema()).unwrap();
        let server = &document["properties"]["server"]["properties"];
        assert_eq!(server["bind"]["default"], "127.0.0.1:8000");
        assert_eq!(server["allowed_hosts"]["type"], "array");
        assert_eq!(server["secret_key_file"]["type"], "string");
        let auth = &document["properties"]["auth"]["properties"];
        assert_eq!(auth["bcrypt_rounds"]["maximum"], 31.0);
        assert_eq!(document["properties"]["mfa"]["properties"], json!({}));
    }
}
