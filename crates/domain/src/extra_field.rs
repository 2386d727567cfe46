//! Fields that an administrator adds to users: their types, and what Django REST framework's
//! `IntegerField`, `BooleanField` and `DateField` make of one value of a request. A text is a
//! [`CharField`] as everywhere.
//!
//! A value is kept as text, in one spelling per value: `17`, `true`, `2026-02-03`.

use chrono::NaiveDate;
use serde_json::Value;

use crate::char_field::{CharField, FieldProblem, FormText, Presence};
use crate::json_input::JsonValue;

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// Text.
    Text,
    /// A whole number of 64 bits.
    Integer,
    /// True or false.
    Boolean,
    /// A day: `2026-02-03`.
    Date,
}

/// How dates are written, in the words of the error message.
pub const DATE_FORMAT: &str = "YYYY-MM-DD";

/// Longer texts are not looked at for a number, as in Django REST framework.
const LONGEST_NUMBER: usize = 1000;

const TRUE: [&str; 6] = ["t", "y", "yes", "true", "on", "1"];
const FALSE: [&str; 6] = ["f", "n", "no", "false", "off", "0"];

impl FieldType {
    /// Every type, in the order of declaration.
    pub const ALL: [Self; 4] = [Self::Text, Self::Integer, Self::Boolean, Self::Date];

    /// The word for it in the configuration file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::Date => "date",
        }
    }

    /// The value of a request as it is kept. `rule` says whether the field may be missing or null;
    /// its lengths and trimming are for text only. `None` as in [`CharField::check`].
    ///
    /// # Errors
    /// With everything that is wrong, in the order of the answer.
    pub fn check(
        self,
        rule: &CharField,
        given: Presence<'_>,
    ) -> Result<Option<String>, Vec<FieldProblem>> {
        match (self, given) {
            (Self::Text, given) => return rule.check(given),
            (_, Presence::Missing) if rule.required => return Err(vec![FieldProblem::Required]),
            (_, Presence::Json(JsonValue::Null)) if !rule.allow_null => {
                return Err(vec![FieldProblem::Null]);
            }
            (_, Presence::Missing | Presence::Json(JsonValue::Null)) => return Ok(None),
            // An input of a form that was left empty.
            (_, Presence::Form(FormText(""))) if rule.allow_null => return Ok(None),
            _ => {}
        }
        let kept = match self {
            Self::Integer => integer(given).map(|number| number.to_string()),
            Self::Date => date(given).map(|date| date.to_string()),
            Self::Boolean | Self::Text => boolean(given).map(|flag| flag.to_string()),
        };
        kept.map(Some).map_err(|problem| vec![problem])
    }

    /// A value that is kept, as JSON; null if it is none of this type, because the type was
    /// another when it was written.
    #[must_use]
    pub fn to_json(self, kept: &str) -> Value {
        match self {
            Self::Text => Value::from(kept),
            Self::Integer => kept.parse::<i64>().map_or(Value::Null, Value::from),
            Self::Boolean => kept.parse::<bool>().map_or(Value::Null, Value::from),
            Self::Date => parse_date(kept).map_or(Value::Null, |_| Value::from(kept)),
        }
    }
}

fn integer(given: Presence<'_>) -> Result<i64, FieldProblem> {
    let text = printed(given).ok_or(FieldProblem::NotAnInteger)?;
    if text.chars().nth(LONGEST_NUMBER).is_some() {
        return Err(FieldProblem::TooLarge);
    }
    let text = text.trim();
    // `5.00` is a whole number, too.
    let whole = match text.split_once('.') {
        Some((whole, zeros)) if zeros.bytes().all(|b| b == b'0') => whole,
        _ => text,
    };
    let (is_negative, digits) = match whole.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, whole.strip_prefix('+').unwrap_or(whole)),
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(FieldProblem::NotAnInteger);
    }
    whole.parse().map_err(|_| {
        if is_negative {
            FieldProblem::MinValue(i64::MIN)
        } else {
            FieldProblem::MaxValue(i64::MAX)
        }
    })
}

fn boolean(given: Presence<'_>) -> Result<bool, FieldProblem> {
    if let Presence::Json(JsonValue::Bool(flag)) = given {
        return Ok(*flag);
    }
    let text = match given {
        // Python takes 1.0 for 1.
        Presence::Json(JsonValue::Float(_)) => {
            printed(given).map(|text| text.trim_end_matches(".0").to_owned())
        }
        given => printed(given),
    };
    let text = text.ok_or(FieldProblem::NotABoolean)?.to_lowercase();
    if TRUE.contains(&text.as_str()) {
        Ok(true)
    } else if FALSE.contains(&text.as_str()) {
        Ok(false)
    } else {
        Err(FieldProblem::NotABoolean)
    }
}

fn date(given: Presence<'_>) -> Result<NaiveDate, FieldProblem> {
    let text = match given {
        Presence::Json(JsonValue::Text(text)) => text.as_str().map(str::to_owned),
        Presence::Form(FormText(text)) => Some(text.to_owned()),
        _ => None,
    };
    text.as_deref().and_then(parse_date).ok_or(FieldProblem::NotADate)
}

/// A date as Django reads it: four digits for the year, one or two for month and day.
fn parse_date(text: &str) -> Option<NaiveDate> {
    let mut parts = text.splitn(3, '-');
    let mut part = |fewest: usize, most: usize| {
        let digits = parts.next()?;
        let fits = (fewest..=most).contains(&digits.len());
        (fits && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse::<u32>().ok())?
    };
    let (year, month, day) = (part(4, 4)?, part(1, 2)?, part(1, 2)?);
    // Python's calendar begins with the year 1.
    let year = i32::try_from(year).ok().filter(|year| *year > 0)?;
    NaiveDate::from_ymd_opt(year, month, day)
}

/// The text that Python's `str()` makes of the value.
fn printed(given: Presence<'_>) -> Option<String> {
    match given {
        Presence::Json(value) => value.printed()?.as_str().map(str::to_owned),
        Presence::Form(FormText(text)) => Some(text.to_owned()),
        Presence::Missing | Presence::File => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::json_input::parse;

    fn check(kind: FieldType, json: &str) -> Result<Option<String>, Vec<FieldProblem>> {
        kind.check(&CharField::required(), Presence::Json(&parse(json).unwrap()))
    }

    fn kept(kind: FieldType, json: &str) -> String {
        check(kind, json).unwrap().unwrap()
    }

    #[test]
    fn integers_are_read_as_the_framework_reads_them() {
        for (given, number) in [
            ("17", "17"),
            ("-3", "-3"),
            ("\" +17 \"", "17"),
            ("17.0", "17"),
            ("\"17.\"", "17"),
            ("\"017\"", "17"),
            ("-9223372036854775808", "-9223372036854775808"),
        ] {
            assert_eq!(kept(FieldType::Integer, given), number, "{given}");
        }
        for given in
            ["true", "17.5", "\"\"", "\"1e3\"", "\"-\"", "[1]", "{}", "\"٣\"", "\"\\ud800\""]
        {
            let refused = Err(vec![FieldProblem::NotAnInteger]);
            assert_eq!(check(FieldType::Integer, given), refused, "{given}");
        }
        let max = Err(vec![FieldProblem::MaxValue(i64::MAX)]);
        assert_eq!(check(FieldType::Integer, "9223372036854775808"), max);
        let min = Err(vec![FieldProblem::MinValue(i64::MIN)]);
        assert_eq!(check(FieldType::Integer, "-9223372036854775809"), min);
        let long = format!("\"{}\"", "1".repeat(1001));
        assert_eq!(check(FieldType::Integer, &long), Err(vec![FieldProblem::TooLarge]));
    }

    #[test]
    fn booleans_have_many_names() {
        for given in ["true", "1", "1.0", "\"Yes\"", "\"on\"", "\"T\""] {
            assert_eq!(kept(FieldType::Boolean, given), "true", "{given}");
        }
        for given in ["false", "0", "0.0", "\"no\"", "\"OFF\"", "\"f\""] {
            assert_eq!(kept(FieldType::Boolean, given), "false", "{given}");
        }
        for given in ["2", "\"\"", "\"maybe\"", "[]", "{}", "0.5"] {
            let refused = Err(vec![FieldProblem::NotABoolean]);
            assert_eq!(check(FieldType::Boolean, given), refused, "{given}");
        }
    }

    #[test]
    fn dates_must_be_in_the_calendar() {
        assert_eq!(kept(FieldType::Date, "\"2026-02-03\""), "2026-02-03");
        assert_eq!(kept(FieldType::Date, "\"2024-2-29\""), "2024-02-29");
        for given in [
            "\"2026-02-29\"",
            "\"26-02-03\"",
            "\"2026-02-03T00:00\"",
            "\"0000-01-01\"",
            "\"03.02.2026\"",
            "20260203",
            "\"+026-1-1\"",
            "true",
        ] {
            let refused = Err(vec![FieldProblem::NotADate]);
            assert_eq!(check(FieldType::Date, given), refused, "{given}");
        }
    }

    #[test]
    fn null_and_empty_inputs_clear_optional_fields_only() {
        let optional = CharField::optional().allow_null();
        let null = parse("null").unwrap();
        for kind in [FieldType::Integer, FieldType::Boolean, FieldType::Date] {
            assert_eq!(kind.check(&optional, Presence::Json(&null)), Ok(None));
            assert_eq!(kind.check(&optional, Presence::Form(FormText(""))), Ok(None));
            assert_eq!(kind.check(&optional, Presence::Missing), Ok(None));
            let required = CharField::required();
            assert_eq!(kind.check(&required, Presence::Missing), Err(vec![FieldProblem::Required]));
            let refused = Err(vec![FieldProblem::Null]);
            assert_eq!(kind.check(&required, Presence::Json(&null)), refused);
            assert!(kind.check(&required, Presence::Form(FormText(""))).is_err());
            assert!(kind.check(&required, Presence::File).is_err());
        }
    }

    #[test]
    fn what_is_kept_comes_back_in_its_type() {
        assert_eq!(FieldType::Integer.to_json("17"), json!(17));
        assert_eq!(FieldType::Boolean.to_json("true"), json!(true));
        assert_eq!(FieldType::Date.to_json("2026-02-03"), json!("2026-02-03"));
        assert_eq!(FieldType::Text.to_json("17"), json!("17"));
        for kind in [FieldType::Integer, FieldType::Boolean, FieldType::Date] {
            assert_eq!(kind.to_json("once a text"), json!(null));
        }
    }
}
