//! Variables of a scenario, and texts with places for them: `{{name}}`.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use regex::Regex;
use serde_json::{Map, Value};

use super::pattern;
use super::totp::Totp;

/// The host name that every recorded request is sent to.
pub(crate) const HOST: &str = "testserver";

static PLACE: LazyLock<Regex> = LazyLock::new(|| pattern::fixed(r"\{\{([^{}]+)\}\}"));

/// What a scenario captured so far, and what the template functions need.
#[derive(Debug)]
pub(crate) struct Variables {
    values: HashMap<String, Value>,
    totp: Totp,
}

impl Variables {
    /// The variables before the first step, under the scenario's configuration.
    pub(crate) fn new(config: &Value) -> Self {
        let digits = config.pointer("/mfa/totp_digits").and_then(Value::as_u64);
        let period = config.pointer("/mfa/totp_period").and_then(Value::as_i64);
        let totp = Totp {
            digits: digits.and_then(|d| u32::try_from(d).ok()).unwrap_or(6),
            period: period.unwrap_or(30),
        };
        Self { values: HashMap::from([("host".to_owned(), HOST.into())]), totp }
    }

    pub(crate) fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.values.insert(name.to_owned(), value.into());
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// Seconds for which a code of an authenticator app holds.
    pub(crate) fn totp_period(&self) -> i64 {
        self.totp.period
    }

    /// Fills all places in all texts of a value, keys included. A text that is one place
    /// becomes the variable's value, whatever its type.
    pub(crate) fn fill(&self, value: &Value, now: DateTime<Utc>) -> Result<Value, String> {
        match value {
            Value::String(text) => self.fill_text(text, now),
            Value::Array(items) => items.iter().map(|item| self.fill(item, now)).collect(),
            Value::Object(entries) => {
                let mut out = Map::new();
                for (key, value) in entries {
                    let key = plain_text(&self.fill_text(key, now)?)?;
                    out.insert(key, self.fill(value, now)?);
                }
                Ok(Value::Object(out))
            }
            other => Ok(other.clone()),
        }
    }

    fn fill_text(&self, text: &str, now: DateTime<Utc>) -> Result<Value, String> {
        let mut out = String::new();
        let mut end = 0;
        for found in PLACE.captures_iter(text) {
            let (place, [expression]) = found.extract();
            let value = self.look_up(expression, now)?;
            if place == text {
                return Ok(value);
            }
            let start = found.get_match().start();
            out.push_str(&text[end..start]);
            out.push_str(&plain_text(&value)?);
            end = start + place.len();
        }
        out.push_str(&text[end..]);
        Ok(Value::String(out))
    }

    /// A variable, or a function of one: `totp:name`, `totp:name:+1`, `upper:name`,
    /// `fullwidth:name`.
    fn look_up(&self, expression: &str, now: DateTime<Utc>) -> Result<Value, String> {
        if let Some(value) = self.values.get(expression) {
            return Ok(value.clone());
        }
        let unknown = || format!("unknown variable {{{{{expression}}}}}");
        let (function, argument) = expression.split_once(':').ok_or_else(unknown)?;
        let (name, offset) = match argument.split_once(':') {
            Some((name, offset)) if function == "totp" => (name, offset),
            _ => (argument, "0"),
        };
        let text = self.values.get(name).and_then(Value::as_str).ok_or_else(unknown)?;
        match function {
            "totp" => {
                let offset = offset.parse().map_err(|_| unknown())?;
                let code = self.totp.code(text, now.timestamp(), offset);
                code.map(Value::String).ok_or_else(|| format!("no code for {{{{{expression}}}}}"))
            }
            "upper" => Ok(text.to_uppercase().into()),
            "fullwidth" => Ok(text.chars().map(fullwidth).collect::<String>().into()),
            _ => Err(unknown()),
        }
    }
}

/// A digit as U+FF10 to U+FF19, anything else as it is.
fn fullwidth(c: char) -> char {
    c.to_digit(10).and_then(|digit| char::from_u32(0xff10 + digit)).unwrap_or(c)
}

/// A single value as it stands in a text: the recordings spell constants as Python does.
pub(crate) fn plain_text(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(true) => Ok("True".to_owned()),
        Value::Bool(false) => Ok("False".to_owned()),
        Value::Null => Ok("None".to_owned()),
        Value::Array(_) | Value::Object(_) => Err(format!("{value} cannot stand in a text")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(timestamp: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(timestamp, 0).unwrap()
    }

    fn filled(vars: &Variables, value: &Value) -> Result<Value, String> {
        vars.fill(value, at(59))
    }

    #[test]
    fn fills_texts_keys_and_lists() {
        let mut vars = Variables::new(&json!({}));
        vars.set("a", "x");
        vars.set("n", 7);
        let value = json!({"k{{a}}": ["{{a}}-{{a}}-{{n}}", "{{n}}", "{a}", 1, null]});
        assert_eq!(filled(&vars, &value).unwrap(), json!({"kx": ["x-x-7", 7, "{a}", 1, null]}));
        assert_eq!(filled(&vars, &json!("http://{{host}}/")).unwrap(), "http://testserver/");
    }

    #[test]
    fn keeps_the_type_of_a_lone_place() {
        let mut vars = Variables::new(&json!({}));
        vars.set("list", json!([1]));
        assert_eq!(filled(&vars, &json!("{{list}}")).unwrap(), json!([1]));
        assert!(filled(&vars, &json!("a {{list}}")).is_err());
    }

    #[test]
    fn knows_its_functions() {
        let mut vars = Variables::new(&json!({"mfa": {"totp_digits": 8, "totp_period": 30}}));
        vars.set("s", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        vars.set("r", "ab-12");
        let text = json!("{{totp:s}} {{totp:s:+1}} {{upper:r}} {{fullwidth:r}}");
        let code = vars.fill(&json!("{{totp:s}}"), at(89)).unwrap();
        let want = format!("94287082 {} AB-12 ab-\u{ff11}\u{ff12}", code.as_str().unwrap());
        assert_eq!(filled(&vars, &text).unwrap(), want);
    }

    #[test]
    fn unknown_names_are_errors() {
        let vars = Variables::new(&json!({}));
        for text in ["{{x}}", "{{upper:x}}", "{{totp:x}}", "{{lower:host}}", "{{totp:host:y}}"] {
            assert!(filled(&vars, &json!(text)).is_err(), "{text}");
        }
    }
}
