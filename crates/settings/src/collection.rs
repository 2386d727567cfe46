//! Values made of other values: options, lists, maps.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::value::{SettingValue, ValueError};

/// Where Django has `None`, the file has nothing, `""` or `false`.
impl<T: SettingValue> SettingValue for Option<T> {
    fn type_name() -> String {
        format!("{}, or \"\" for none", T::type_name())
    }

    fn parse(value: &Value) -> Result<Self, ValueError> {
        if value.is_null() || value.as_str().is_some_and(str::is_empty) {
            return Ok(None);
        }
        match T::parse(value) {
            Ok(inner) => Ok(Some(inner)),
            // `false` means none unless the type itself has a meaning for it.
            Err(_) if value.as_bool() == Some(false) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn show(&self) -> Value {
        self.as_ref().map_or_else(|| Value::String(String::new()), T::show)
    }

    fn schema() -> Value {
        json!({"anyOf": [T::schema(), {"enum": ["", false]}]})
    }

    fn is_secret() -> bool {
        T::is_secret()
    }

    fn has_file() -> bool {
        T::has_file()
    }

    fn is_path() -> bool {
        T::is_path()
    }

    fn magnitude(&self) -> Option<f64> {
        self.as_ref().and_then(T::magnitude)
    }
}

impl<T: SettingValue> SettingValue for Vec<T> {
    fn type_name() -> String {
        format!("list of {}", T::type_name())
    }

    fn parse(value: &Value) -> Result<Self, ValueError> {
        let Some(items) = value.as_array() else {
            return Err(ValueError::expected("a list", value));
        };
        let parse = |(position, item): (usize, &Value)| {
            T::parse(item).map_err(|error| error.within(&format!("(item {})", position + 1)))
        };
        items.iter().enumerate().map(parse).collect()
    }

    fn show(&self) -> Value {
        Value::Array(self.iter().map(T::show).collect())
    }

    fn schema() -> Value {
        json!({"type": "array", "items": T::schema()})
    }

    fn is_secret() -> bool {
        T::is_secret()
    }

    fn has_file() -> bool {
        T::has_file()
    }
}

impl<T: SettingValue> SettingValue for BTreeMap<String, T> {
    fn type_name() -> String {
        format!("table of {}", T::type_name())
    }

    fn parse(value: &Value) -> Result<Self, ValueError> {
        let Some(entries) = value.as_object() else {
            return Err(ValueError::expected("a table", value));
        };
        let parse = |(name, item): (&String, &Value)| {
            let parsed = T::parse(item).map_err(|error| error.within(&format!("(at {name})")))?;
            Ok((name.clone(), parsed))
        };
        entries.iter().map(parse).collect()
    }

    fn show(&self) -> Value {
        let entries = self.iter().map(|(name, item)| (name.clone(), item.show()));
        Value::Object(entries.collect::<Map<_, _>>())
    }

    fn schema() -> Value {
        json!({"type": "object", "additionalProperties": T::schema()})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_empty_text_and_false_are_none() {
        for value in [json!(null), json!(""), json!(false)] {
            assert_eq!(Option::<String>::parse(&value), Ok(None));
        }
        assert_eq!(Option::<String>::parse(&json!("x")), Ok(Some("x".to_owned())));
        assert_eq!(Option::<bool>::parse(&json!(false)), Ok(Some(false)));
        assert!(Option::<u32>::parse(&json!(true)).is_err());
    }

    #[test]
    fn a_refused_item_is_located() {
        let error = Vec::<u32>::parse(&json!([1, "two"])).unwrap_err();
        assert_eq!(error.to_string(), "(item 2) must be a whole number, not text");
    }
}
