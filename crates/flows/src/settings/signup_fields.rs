//! allauth's list of the fields of registration.

use rest_auth_settings::value::Json;
use rest_auth_settings::{SettingValue, ValueError};
use serde_json::json;

/// What registration asks of one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// Listed with `*`.
    Required,
    /// Listed without `*`.
    Optional,
    /// Not listed.
    Absent,
}

impl Demand {
    /// Whether dj-rest-auth demands the field: it takes one that is not listed for required. Of the
    /// user name this is a mistake: without it registration makes a name up.
    #[must_use]
    pub const fn is_required(self) -> bool {
        !matches!(self, Self::Optional)
    }
}

/// The fields of registration, in order (allauth's `SIGNUP_FIELDS`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignupFields(Vec<(&'static str, bool)>);

const NAMES: [&str; 7] =
    ["email", "email2", "username", "first_name", "last_name", "password1", "password2"];

impl SignupFields {
    /// What is asked of a field, such as `email` or `username`.
    #[must_use]
    pub fn demand(&self, name: &str) -> Demand {
        match self.0.iter().find(|(field, _)| *field == name) {
            Some((_, true)) => Demand::Required,
            Some((_, false)) => Demand::Optional,
            None => Demand::Absent,
        }
    }
}

impl Default for SignupFields {
    fn default() -> Self {
        Self(vec![("email", false), ("username", true), ("password1", true), ("password2", true)])
    }
}

impl SettingValue for SignupFields {
    fn type_name() -> String {
        "list of field names, `*` for required".to_owned()
    }

    fn parse(value: &Json) -> Result<Self, ValueError> {
        let mut fields: Vec<(&'static str, bool)> = Vec::new();
        let texts = Vec::<String>::parse(value)?;
        // As in allauth, an empty list is no list.
        if texts.is_empty() {
            return Ok(Self::default());
        }
        for text in texts {
            let name = text.trim_end_matches('*');
            let Some(known) = NAMES.iter().find(|known| **known == name) else {
                let names = NAMES.join(", ");
                return Err(ValueError::new(format!("must list some of {names}, with * or not")));
            };
            if fields.iter().any(|(field, _)| field == known) {
                return Err(ValueError::new(format!("lists {known} twice")));
            }
            fields.push((known, text.ends_with('*')));
        }
        Ok(Self(fields))
    }

    fn show(&self) -> Json {
        let star = |required| if required { "*" } else { "" };
        let texts = self.0.iter().map(|(name, required)| format!("{name}{}", star(*required)));
        texts.collect::<Vec<_>>().into()
    }

    fn schema() -> Json {
        let pattern = format!("^({})\\*?$", NAMES.join("|"));
        json!({"type": "array", "items": {"type": "string", "pattern": pattern}})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_is_not_listed_counts_as_required() {
        let fields = SignupFields::parse(&json!(["email", "password1*"])).unwrap();
        assert_eq!(fields.demand("email"), Demand::Optional);
        assert_eq!(fields.demand("username"), Demand::Absent);
        assert!(fields.demand("username").is_required());
        assert_eq!(fields.show(), json!(["email", "password1*"]));
    }

    #[test]
    fn names_can_be_listed() {
        let fields = SignupFields::parse(&json!(["email*", "first_name*", "last_name"])).unwrap();
        assert_eq!(fields.demand("first_name"), Demand::Required);
        assert_eq!(fields.demand("last_name"), Demand::Optional);
        assert_eq!(SignupFields::default().demand("first_name"), Demand::Absent);
    }

    #[test]
    fn strangers_and_repetitions_are_refused() {
        assert!(SignupFields::parse(&json!(["phone"])).is_err());
        assert!(SignupFields::parse(&json!(["email", "email*"])).is_err());
    }
}
