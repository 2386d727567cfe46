//! The look of codes that people type.

use serde_json::{Value, json};

use super::value::{SettingValue, ValueError, kind};
use crate::user_code::CodeFormat;

impl SettingValue for CodeFormat {
    fn type_name() -> String {
        "table with length, numeric and dashed".to_owned()
    }

    fn parse(value: &Value) -> Result<Self, ValueError> {
        let Some(entries) = value.as_object() else {
            return Err(ValueError::expected("a table", value));
        };
        let mut format = Self::default();
        for (name, item) in entries {
            match name.to_ascii_lowercase().as_str() {
                "length" => format.length = length(item)?,
                "numeric" => format.numeric = flag("numeric", item)?,
                "dashed" => format.dashed = flag("dashed", item)?,
                _ => {
                    return Err(ValueError::new(
                        "has another key than `length`, `numeric` and `dashed`",
                    ));
                }
            }
        }
        Ok(format)
    }

    fn show(&self) -> Value {
        json!({"length": self.length, "numeric": self.numeric, "dashed": self.dashed})
    }

    fn schema() -> Value {
        json!({
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "length": {"type": "integer", "minimum": Self::LEAST, "maximum": Self::MOST},
                "numeric": {"type": "boolean"},
                "dashed": {"type": "boolean"},
            },
        })
    }
}

fn length(value: &Value) -> Result<usize, ValueError> {
    let length = value.as_u64().and_then(|length| usize::try_from(length).ok());
    length.filter(|length| (CodeFormat::LEAST..=CodeFormat::MOST).contains(length)).ok_or_else(
        || {
            ValueError::new(format!(
                "must have a `length` between {} and {}: shorter codes are guessed",
                CodeFormat::LEAST,
                CodeFormat::MOST
            ))
        },
    )
}

fn flag(name: &str, value: &Value) -> Result<bool, ValueError> {
    let found = kind(value);
    value
        .as_bool()
        .ok_or_else(|| ValueError::new(format!("must have true or false as `{name}`, not {found}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_has_its_default() {
        assert_eq!(CodeFormat::parse(&json!({})), Ok(CodeFormat::default()));
        let digits = CodeFormat::parse(&json!({"numeric": true, "LENGTH": 9})).unwrap();
        assert_eq!(digits, CodeFormat { length: 9, numeric: true, dashed: true });
        assert_eq!(CodeFormat::parse(&digits.show()), Ok(digits));
    }

    #[test]
    fn what_is_easily_guessed_or_unknown_is_refused() {
        for format in [
            json!({"length": 5}),
            json!({"length": 33}),
            json!({"length": "8"}),
            json!({"numeric": 1}),
            json!({"alphabet": "ab"}),
            json!("XXXX-XXXX"),
        ] {
            assert!(CodeFormat::parse(&format).is_err(), "{format}");
        }
    }
}
