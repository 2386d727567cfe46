//! Django's validators of new passwords, with their options.

use rest_auth_settings::value::{Json, option};
use rest_auth_settings::{SettingValue, ValueError, choice};
use serde_json::{Map, json};

/// One rule for new passwords.
#[derive(Clone, Debug, PartialEq)]
pub enum PasswordValidator {
    /// Not too similar to data of the user.
    UserAttributeSimilarity {
        /// Columns of the user that are compared.
        user_attributes: Vec<String>,
        /// Ratio from 0.1 to 1 from which a password is too similar.
        max_similarity: f64,
    },
    /// Not too short.
    MinimumLength {
        /// Least number of code points.
        min_length: u32,
    },
    /// Not one of the 20000 most common passwords.
    CommonPassword,
    /// Not made of digits alone.
    NumericPassword,
}

const NAMES: [&str; 4] =
    ["user_attribute_similarity", "minimum_length", "common_password", "numeric_password"];

impl PasswordValidator {
    /// Django's four validators with the options they have when none are given.
    #[must_use]
    pub fn all_with_defaults() -> Vec<Self> {
        NAMES.iter().filter_map(|name| Self::named(name, &Map::new()).ok()).collect()
    }

    fn named(name: &str, options: &Map<String, Json>) -> Result<Self, ValueError> {
        let known = |allowed: &[&str]| match options
            .keys()
            .find(|key| key.as_str() != "name" && !allowed.contains(&key.as_str()))
        {
            Some(key) => Err(ValueError::new(format!("has no option `{key}` for {name}"))),
            None => Ok(()),
        };
        match name {
            "user_attribute_similarity" => {
                known(&["user_attributes", "max_similarity"])?;
                Self::similarity(options)
            }
            "minimum_length" => {
                known(&["min_length"])?;
                let min_length = option(options, "min_length")?.unwrap_or(8);
                Ok(Self::MinimumLength { min_length })
            }
            "common_password" => known(&[]).map(|()| Self::CommonPassword),
            "numeric_password" => known(&[]).map(|()| Self::NumericPassword),
            _ => Err(choice::refusal(&NAMES, name)),
        }
    }

    fn similarity(options: &Map<String, Json>) -> Result<Self, ValueError> {
        let columns = ["username", "first_name", "last_name", "email"];
        let user_attributes = option::<Vec<String>>(options, "user_attributes")?
            .unwrap_or_else(|| columns.map(str::to_owned).to_vec());
        if let Some(stranger) = user_attributes.iter().find(|a| !columns.contains(&a.as_str())) {
            return Err(ValueError::new(format!("compares no column `{stranger}` of a user")));
        }
        let max_similarity = option(options, "max_similarity")?.unwrap_or(0.7);
        // Django refuses to start below 0.1.
        if !(0.1..=1.0).contains(&max_similarity) {
            return Err(ValueError::new("must have a max_similarity between 0.1 and 1"));
        }
        Ok(Self::UserAttributeSimilarity { user_attributes, max_similarity })
    }
}

impl SettingValue for PasswordValidator {
    fn type_name() -> String {
        "password validator".to_owned()
    }

    fn parse(value: &Json) -> Result<Self, ValueError> {
        match value {
            Json::String(name) => Self::named(name, &Map::new()),
            Json::Object(options) => {
                let name = options.get("name").and_then(Json::as_str);
                Self::named(name.ok_or_else(|| ValueError::new("must have a `name`"))?, options)
            }
            other => Err(ValueError::expected("the name of a validator, or a table", other)),
        }
    }

    fn show(&self) -> Json {
        match self {
            Self::UserAttributeSimilarity { user_attributes, max_similarity } => json!({
                "name": NAMES[0],
                "user_attributes": user_attributes,
                "max_similarity": max_similarity,
            }),
            Self::MinimumLength { min_length } => {
                json!({"name": NAMES[1], "min_length": min_length})
            }
            Self::CommonPassword => json!(NAMES[2]),
            Self::NumericPassword => json!(NAMES[3]),
        }
    }

    fn schema() -> Json {
        json!({"anyOf": [
            {"enum": NAMES},
            {"type": "object", "properties": {"name": {"enum": NAMES}}, "required": ["name"]},
        ]})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_have_django_s_defaults() {
        assert_eq!(
            PasswordValidator::parse(&json!("minimum_length")),
            Ok(PasswordValidator::MinimumLength { min_length: 8 })
        );
        let given = json!({"name": "user_attribute_similarity", "user_attributes": ["username"]});
        assert_eq!(
            PasswordValidator::parse(&given),
            Ok(PasswordValidator::UserAttributeSimilarity {
                user_attributes: vec!["username".to_owned()],
                max_similarity: 0.7,
            })
        );
    }

    #[test]
    fn unknown_names_and_options_are_refused() {
        for value in [
            json!("minimum"),
            json!({"min_length": 8}),
            json!({"name": "minimum_length", "max_length": 8}),
            json!({"name": "user_attribute_similarity", "max_similarity": 0.01}),
            json!({"name": "user_attribute_similarity", "user_attributes": ["password"]}),
        ] {
            assert!(PasswordValidator::parse(&value).is_err(), "{value}");
        }
    }
}
