//! The trait of types that settings can have.

use std::fmt;

use serde_json::{Map, Value, json};

/// A value of the configuration file, after its own syntax is gone.
pub use serde_json::Value as Json;

/// A type that a setting can have.
pub trait SettingValue: Sized {
    /// The type in plain words: "boolean", "duration", "list of text".
    fn type_name() -> String;

    /// Reads a value of the configuration file.
    ///
    /// # Errors
    /// Says what was expected, without the refused value: it may be a secret.
    fn parse(value: &Value) -> Result<Self, ValueError>;

    /// Reads a value where this one holds so far, the default of the profile. Only what is added to
    /// the default rather than put in its place looks at it.
    ///
    /// # Errors
    /// As [`Self::parse`].
    fn parse_over(&self, value: &Value) -> Result<Self, ValueError> {
        Self::parse(value)
    }

    /// The value in the form in which the configuration file has it, secrets masked.
    fn show(&self) -> Value;

    /// A JSON Schema (2020-12) that describes the accepted forms.
    fn schema() -> Value;

    /// Whether the value must not be shown.
    #[must_use]
    fn is_secret() -> bool {
        false
    }

    /// Whether the value may come from a file of its own, which `<key>_file` names.
    #[must_use]
    fn has_file() -> bool {
        Self::is_secret()
    }

    /// Whether the value is the path of a file or a folder. A relative one begins at the folder of the
    /// configuration, as that in `<key>_file` does.
    #[must_use]
    fn is_path() -> bool {
        false
    }

    /// What a range is checked against: the number, or a duration in seconds.
    fn magnitude(&self) -> Option<f64> {
        None
    }
}

/// Why a value was refused, as the end of the sentence "`key` ...".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueError {
    message: String,
    cure: Option<String>,
}

impl ValueError {
    /// A refusal in words that do not repeat the value.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), cure: None }
    }

    /// A value of the right type that breaks a rule, with what to do about it.
    pub fn rule(message: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { message: message.into(), cure: Some(cure.into()) }
    }

    /// What to do about it, where that is more than to mind the message. Only values of the right
    /// type have a cure.
    #[must_use]
    pub fn cure(&self) -> Option<&str> {
        self.cure.as_deref()
    }

    /// "must be a boolean, not text".
    #[must_use]
    pub fn expected(what: &str, found: &Value) -> Self {
        Self::new(format!("must be {what}, not {}", kind(found)))
    }

    /// Says where inside a list or map the refused value stands.
    #[must_use]
    pub fn within(self, place: &str) -> Self {
        Self { message: format!("{place} {}", self.message), cure: self.cure }
    }
}

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ValueError {}

/// The kind of a value, in words, without the value.
#[must_use]
pub fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(number) if number.is_f64() => "a decimal number",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a table",
    }
}

/// An option of a value that is a table, `None` where the table does not have it.
///
/// # Errors
/// What the type of the option says, with the name of the option.
pub fn option<T: SettingValue>(
    options: &Map<String, Value>,
    name: &str,
) -> Result<Option<T>, ValueError> {
    let parse = |value| T::parse(value).map_err(|error| error.within(&format!("({name})")));
    options.get(name).map(parse).transpose()
}

impl SettingValue for bool {
    fn type_name() -> String {
        "boolean".to_owned()
    }

    fn parse(value: &Value) -> Result<Self, ValueError> {
        value.as_bool().ok_or_else(|| ValueError::expected("true or false", value))
    }

    fn show(&self) -> Value {
        Value::Bool(*self)
    }

    fn schema() -> Value {
        json!({"type": "boolean"})
    }
}

impl SettingValue for String {
    fn type_name() -> String {
        "text".to_owned()
    }

    fn parse(value: &Value) -> Result<Self, ValueError> {
        value.as_str().map(str::to_owned).ok_or_else(|| ValueError::expected("text", value))
    }

    fn show(&self) -> Value {
        Value::String(self.clone())
    }

    fn schema() -> Value {
        json!({"type": "string"})
    }
}

/// Text, or a list of text, where Django takes either.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OneOrMany {
    /// A single text.
    One(String),
    /// A list, even if it has one member: some formats tell the two apart.
    Many(Vec<String>),
}

impl OneOrMany {
    /// The members, whichever form it has.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Many(list) => list,
        }
    }
}

impl SettingValue for OneOrMany {
    fn type_name() -> String {
        "text or list of text".to_owned()
    }

    fn parse(value: &Value) -> Result<Self, ValueError> {
        match value {
            Value::String(text) => Ok(Self::One(text.clone())),
            Value::Array(_) => Vec::parse(value).map(Self::Many),
            other => Err(ValueError::expected("text or a list of text", other)),
        }
    }

    fn show(&self) -> Value {
        match self {
            Self::One(text) => text.show(),
            Self::Many(list) => list.show(),
        }
    }

    fn schema() -> Value {
        json!({"type": ["string", "array"], "items": {"type": "string"}})
    }
}
