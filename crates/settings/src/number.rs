//! Numbers.

use serde_json::{Value, json};

use super::value::{SettingValue, ValueError};

macro_rules! whole_numbers {
    ($($type:ty),+) => {$(
        impl SettingValue for $type {
            fn type_name() -> String {
                "whole number".to_owned()
            }

            fn parse(value: &Value) -> Result<Self, ValueError> {
                let number = value.as_i64();
                if number.is_none() && !value.is_u64() {
                    return Err(ValueError::expected("a whole number", value));
                }
                number.and_then(|number| Self::try_from(number).ok()).ok_or_else(|| {
                    ValueError::new(format!("must be between {} and {}", Self::MIN, Self::MAX))
                })
            }

            fn show(&self) -> Value {
                json!(self)
            }

            fn schema() -> Value {
                // Bounds beyond 2^53 cannot be stated exactly in every JSON implementation.
                match (i32::try_from(Self::MIN), u32::try_from(Self::MAX)) {
                    (Ok(min), Ok(max)) => {
                        json!({"type": "integer", "minimum": min, "maximum": max})
                    }
                    (Ok(min), Err(_)) => json!({"type": "integer", "minimum": min}),
                    _ => json!({"type": "integer"}),
                }
            }

            fn magnitude(&self) -> Option<f64> {
                serde_json::Number::from(*self).as_f64()
            }
        }
    )+};
}

whole_numbers!(u8, u16, u32, u64, i64);

impl SettingValue for f64 {
    fn type_name() -> String {
        "number".to_owned()
    }

    fn parse(value: &Value) -> Result<Self, ValueError> {
        value.as_f64().ok_or_else(|| ValueError::expected("a number", value))
    }

    fn show(&self) -> Value {
        json!(self)
    }

    fn schema() -> Value {
        json!({"type": "number"})
    }

    fn magnitude(&self) -> Option<f64> {
        Some(*self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_keep_to_their_bounds() {
        assert_eq!(u8::parse(&json!(255)), Ok(255));
        let message = u8::parse(&json!(256)).unwrap_err().to_string();
        assert_eq!(message, "must be between 0 and 255");
        assert!(u32::parse(&json!(-1)).is_err());
        assert!(i64::parse(&json!(u64::MAX)).is_err());
    }

    #[test]
    fn decimals_and_text_are_no_whole_numbers() {
        let message = u32::parse(&json!(1.5)).unwrap_err().to_string();
        assert_eq!(message, "must be a whole number, not a decimal number");
        assert!(u32::parse(&json!("5")).is_err());
    }
}
