//! What mailed codes look like.

use rest_auth_domain::user_code::CodeFormat;
use rest_auth_settings::value::{SettingValue, ValueError, kind};
use serde_json::{Value, json};

/// The format of a kind of mailed code: a table with `length`, `numeric` and `dashed`. What is
/// left out has its default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CodeFormatSetting(pub CodeFormat);

impl SettingValue for CodeFormatSetting {
    fn type_name() -> String {
        "table with length, numeric and dashed".to_owned()
    }

    fn parse(value: &Value) -> Result<Self, ValueError> {
        let Some(entries) = value.as_object() else {
            return Err(ValueError::expected("a table", value));
        };
        let mut format = CodeFormat::default();
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
        Ok(Self(format))
    }

    fn show(&self) -> Value {
        json!({"length": self.0.length, "numeric": self.0.numeric, "dashed": self.0.dashed})
    }

    fn schema() -> Value {
        json!({
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "length": {"type": "integer", "minimum": CodeFormat::LEAST, "maximum": CodeFormat::MOST},
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
        assert_eq!(CodeFormatSetting::parse(&json!({})), Ok(CodeFormatSetting::default()));
        let digits = CodeFormatSetting::parse(&json!({"numeric": true, "LENGTH": 9})).unwrap();
        assert_eq!(digits.0, CodeFormat { length: 9, numeric: true, dashed: true });
        assert_eq!(CodeFormatSetting::parse(&digits.show()), Ok(digits));
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
            assert!(CodeFormatSetting::parse(&format).is_err(), "{format}");
        }
    }
}
