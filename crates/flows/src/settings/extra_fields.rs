//! Fields that the configuration adds to users.

use rest_auth_domain::extra_field::FieldType;
use rest_auth_settings::value::{Json, option};
use rest_auth_settings::{SettingValue, ValueError, choice};
use serde_json::{Map, json};

/// A field of users beside the columns of Django's table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtraField {
    /// Its name in requests and answers.
    pub name: String,
    /// What it holds.
    pub kind: FieldType,
    /// Whether registration and PUT of `user/` must have it.
    pub required: bool,
    /// The most code points that a text may have.
    pub max_length: usize,
    /// Whether only administrators can set it.
    pub read_only: bool,
}

/// The fields, in the order in which they are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExtraFields(Vec<ExtraField>);

/// How long a text may be if the configuration does not say.
const MAX_LENGTH: u32 = 255;
/// The width of the column with the name.
const LONGEST_NAME: usize = 64;
const OPTIONS: [&str; 4] = ["type", "required", "max_length", "read_only"];

/// Names that requests and answers use for other data. A clash is an error at start.
const RESERVED: [&str; 31] = [
    "access",
    "access_expiration",
    "code",
    "current_password",
    "date_joined",
    "detail",
    "email",
    "email2",
    "emails",
    "extra",
    "first_name",
    "groups",
    "id",
    "invitation_code",
    "is_active",
    "is_staff",
    "is_superuser",
    "key",
    "last_login",
    "last_name",
    "non_field_errors",
    "old_password",
    "password",
    "password1",
    "password2",
    "pk",
    "refresh",
    "refresh_expiration",
    "token",
    "user",
    "username",
];

impl ExtraFields {
    /// The fields, in order.
    pub fn iter(&self) -> impl Iterator<Item = &ExtraField> {
        self.0.iter()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The field of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&ExtraField> {
        self.0.iter().find(|field| field.name == name)
    }
}

impl ExtraField {
    fn parse(name: &str, value: &Json) -> Result<Self, ValueError> {
        check_name(name)?;
        let none = Map::new();
        let (kind, options) = match value {
            Json::String(_) => (field_type(value)?, &none),
            Json::Object(options) => {
                let Some(kind) = options.get("type") else {
                    return Err(ValueError::new("must have a `type`"));
                };
                (field_type(kind).map_err(|error| error.within("(type)"))?, options)
            }
            other => return Err(ValueError::expected("a type, or a table with one", other)),
        };
        if let Some(stranger) = options.keys().find(|key| !OPTIONS.contains(&key.as_str())) {
            let known = OPTIONS.join(", ");
            return Err(ValueError::new(format!("has no option `{stranger}`, but {known}")));
        }
        let max_length = option::<u32>(options, "max_length")?;
        if kind != FieldType::Text && max_length.is_some() {
            return Err(ValueError::new("cannot have a max_length: only text has one"));
        }
        if max_length == Some(0) {
            return Err(ValueError::new("must have a max_length of at least 1"));
        }
        let field = Self {
            name: name.to_owned(),
            kind,
            required: option(options, "required")?.unwrap_or(false),
            max_length: usize::try_from(max_length.unwrap_or(MAX_LENGTH)).unwrap_or(usize::MAX),
            read_only: option(options, "read_only")?.unwrap_or(false),
        };
        if field.required && field.read_only {
            return Err(ValueError::new("cannot be both required and read_only"));
        }
        Ok(field)
    }

    fn show(&self) -> Json {
        let mut shown = json!({
            "type": self.kind.as_str(),
            "required": self.required,
            "read_only": self.read_only,
        });
        if self.kind == FieldType::Text {
            shown["max_length"] = self.max_length.into();
        }
        shown
    }
}

fn field_type(value: &Json) -> Result<FieldType, ValueError> {
    choice::find(&FieldType::ALL, FieldType::as_str, value)
}

fn check_name(name: &str) -> Result<(), ValueError> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    let begins = name.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
    if !begins || !name.bytes().all(plain) || name.len() > LONGEST_NAME {
        return Err(ValueError::new(format!(
            "must be a name of at most {LONGEST_NAME} lower-case letters, digits and _, beginning \
             with a mail"
        )));
    }
    let of_passwords = name.starts_with("new_password");
    if of_passwords || RESERVED.contains(&name) {
        return Err(ValueError::new("is the name of something else already: choose another"));
    }
    Ok(())
}

impl SettingValue for ExtraFields {
    fn type_name() -> String {
        "table of fields, each a type or a table with type, required, max_length, read_only"
            .to_owned()
    }

    fn parse(value: &Json) -> Result<Self, ValueError> {
        let Some(entries) = value.as_object() else {
            // Where nothing is declared Django's style is an empty list.
            return match value.as_array() {
                Some(items) if items.is_empty() => Ok(Self::default()),
                _ => Err(ValueError::expected("a table with one entry for each field", value)),
            };
        };
        let parse = |(name, value): (&String, &Json)| {
            ExtraField::parse(name, value).map_err(|error| error.within(&format!("(at {name})")))
        };
        entries.iter().map(parse).collect::<Result<_, _>>().map(Self)
    }

    fn show(&self) -> Json {
        let entries = self.0.iter().map(|field| (field.name.clone(), field.show()));
        Json::Object(entries.collect())
    }

    fn schema() -> Json {
        let kind = choice::schema(&FieldType::ALL.map(FieldType::as_str));
        let field = json!({
            "type": "object",
            "properties": {
                "type": kind,
                "required": {"type": "boolean"},
                "max_length": {"type": "integer", "minimum": 1},
                "read_only": {"type": "boolean"},
            },
            "required": ["type"],
            "additionalProperties": false,
        });
        json!({
            "type": "object",
            "propertyNames": {"pattern": "^[a-z][a-z0-9_]{0,63}$"},
            "additionalProperties": {"anyOf": [kind, field]},
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(value: &Json) -> String {
        ExtraFields::parse(value).unwrap_err().to_string()
    }

    #[test]
    fn a_field_is_a_type_or_a_table() {
        let given = json!({
            "company": {"type": "text", "required": true, "max_length": 80},
            "age": "integer",
            "plan": {"type": "text", "read_only": true},
        });
        let fields = ExtraFields::parse(&given).unwrap();
        let company = fields.get("company").unwrap();
        assert!(company.required && !company.read_only);
        assert_eq!(company.max_length, 80);
        assert_eq!(fields.get("plan").unwrap().max_length, 255);
        assert_eq!(fields.get("age").unwrap().kind, FieldType::Integer);
        assert_eq!(ExtraFields::parse(&fields.show()), Ok(fields));
    }

    #[test]
    fn names_of_something_else_are_refused() {
        for name in ["username", "pk", "password1", "new_password1", "invitation_code", "key"] {
            let error = refusal(&json!({name: "text"}));
            assert!(error.contains(&format!("(at {name})")) && error.contains("else"), "{error}");
        }
        let long = "a".repeat(65);
        for name in ["Company", "1st", "", "a-b", "größe", long.as_str()] {
            assert!(refusal(&json!({name: "text"})).contains("lower-case"), "{name}");
        }
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        for (field, words) in [
            (json!({"required": true}), "must have a `type`"),
            (json!("float"), "must be one of"),
            (json!({"type": "float"}), "(type) must be one of"),
            (json!({"type": "text", "claim": "c"}), "has no option `claim`"),
            (json!({"type": "date", "max_length": 3}), "only text"),
            (json!({"type": "text", "max_length": 0}), "at least 1"),
            (json!({"type": "text", "required": true, "read_only": true}), "both"),
            (json!(5), "a type, or a table"),
        ] {
            let error = refusal(&json!({ "company": field }));
            assert!(error.starts_with("(at company)") && error.contains(words), "{error}");
        }
    }
}
