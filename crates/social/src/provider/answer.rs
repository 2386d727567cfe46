//! What a provider answers about a user.

use rest_auth_domain::python_text;
use serde_json::Value;

use crate::profile_email::ProfileEmail;

/// What a provider says about a user, as it says it. Absent and empty texts are the same.
#[derive(Debug, Default)]
pub(crate) struct Reported {
    /// The identity of the user at the provider.
    pub(crate) uid: Option<String>,
    /// The name that allauth stored as the identity before, and the member of what it stored with it
    /// that has been the identity all along.
    pub(crate) former_uid: Option<(String, &'static str)>,
    /// The one address among the fields.
    pub(crate) email: Option<String>,
    /// Whether the provider says that it has verified `email`.
    pub(crate) email_verified: bool,
    pub(crate) username: Option<String>,
    /// The whole name; stands in for the names below.
    pub(crate) name: Option<String>,
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    /// Addresses that the provider lists besides `email`.
    pub(crate) emails: Vec<ProfileEmail>,
    /// Members of the answer that are not stored with the account.
    pub(crate) not_stored: &'static [&'static str],
}

/// The JSON of a provider.
#[derive(Clone)]
pub(crate) struct Answer<'a> {
    data: &'a Value,
}

impl<'a> Answer<'a> {
    /// The JSON as a whole.
    pub(crate) fn new(data: &'a Value) -> Self {
        Self { data }
    }

    /// What tells about the user: of an `OpenID` provider the profile and the ID token, if they are
    /// there, else all of it.
    pub(crate) fn documents(&self) -> Vec<Self> {
        let parts: Vec<_> =
            ["userinfo", "id_token"].iter().filter_map(|part| self.part(part)).collect();
        if parts.is_empty() { vec![self.clone()] } else { parts }
    }

    /// A member as an identity: text as it is, a number as Python prints it.
    pub(crate) fn id(&self, key: &str) -> Option<String> {
        self.data.get(key).and_then(printed)
    }

    /// The first of several members that is an identity.
    pub(crate) fn first_id(&self, keys: &[&str]) -> Option<String> {
        keys.iter().find_map(|key| self.id(key))
    }

    /// The same as [`id`](Self::id) further down, by JSON pointer (RFC 6901).
    pub(crate) fn id_at(&self, pointer: &str) -> Option<String> {
        self.data.pointer(pointer).and_then(printed)
    }

    /// A text that is not empty, by JSON pointer.
    pub(crate) fn text(&self, pointer: &str) -> Option<String> {
        let text = self.data.pointer(pointer)?.as_str()?;
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// The first member that is a text.
    pub(crate) fn any_text(&self) -> Option<String> {
        self.data.as_object()?.values().find_map(|value| value.as_str().map(str::to_owned))
    }

    /// Whether a flag is set: `true`, the text `true` that Apple and Cognito send, or the 1 of Zoom.
    /// Everything else means no: a mistake here would hand an account to whoever claims its address.
    pub(crate) fn says_yes(&self, pointer: &str) -> bool {
        self.data.pointer(pointer).is_some_and(is_yes)
    }

    /// Whether a flag is there and not set.
    pub(crate) fn says_no(&self, pointer: &str) -> bool {
        self.data.pointer(pointer).is_some() && !self.says_yes(pointer)
    }

    /// The same as [`id`](Self::id) by the name that the configuration has for it.
    pub(crate) fn named_id(&self, field: &str) -> Option<String> {
        self.named(field).and_then(printed)
    }

    /// A text that is not empty, by the name that the configuration has for it.
    pub(crate) fn named_text(&self, field: &str) -> Option<String> {
        let text = self.named(field)?.as_str()?;
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// Whether a flag is set, by the name that the configuration has for it.
    pub(crate) fn named_yes(&self, field: &str) -> bool {
        self.named(field).is_some_and(is_yes)
    }

    /// A member by its name, else by the names on the way to it with dots between. Some names have
    /// dots themselves, such as `https://example.com/employee`.
    fn named(&self, field: &str) -> Option<&'a Value> {
        let below = |value: &'a Value, name: &str| match value {
            Value::Array(items) => items.get(name.parse::<usize>().ok()?),
            other => other.get(name),
        };
        self.data.get(field).or_else(|| field.split('.').try_fold(self.data, below))
    }

    /// A document within the answer.
    pub(crate) fn part(&self, key: &str) -> Option<Self> {
        self.data.get(key).map(|data| Self { data })
    }

    /// The documents of a list within the answer; none if it is no list.
    pub(crate) fn list(&self, key: &str) -> impl Iterator<Item = Self> {
        let items = self.data.get(key).and_then(Value::as_array).into_iter().flatten();
        items.map(|data| Self { data })
    }

    /// The standard claims of an identity token (OpenID Connect Core, section 5.1).
    pub(crate) fn standard_claims(&self) -> Reported {
        Reported {
            email: self.text("/email"),
            email_verified: self.says_yes("/email_verified"),
            username: self.text("/preferred_username"),
            name: self.text("/name"),
            first_name: self.text("/given_name"),
            last_name: self.text("/family_name"),
            ..Reported::default()
        }
    }

    /// The usual spellings of the usual fields. No address counts as verified: most providers do
    /// not say whether it is, or say it about something else.
    pub(crate) fn usual_fields(&self) -> Reported {
        let first = |pointers: &[&str]| pointers.iter().find_map(|pointer| self.text(pointer));
        Reported {
            email: self.text("/email"),
            username: first(&["/preferred_username", "/username", "/login", "/screen_name"]),
            name: first(&["/name", "/display_name"]),
            first_name: first(&["/first_name", "/given_name"]),
            last_name: first(&["/last_name", "/family_name"]),
            ..Reported::default()
        }
    }
}

/// `true` in one of the spellings that there are.
fn is_yes(value: &Value) -> bool {
    match value {
        Value::Bool(flag) => *flag,
        Value::String(text) => text.eq_ignore_ascii_case("true"),
        Value::Number(number) => number.as_u64() == Some(1),
        _ => false,
    }
}

/// From here on two numbers may be the same one when they are read (IEEE 754, 53 bits).
const INEXACT: f64 = 9_007_199_254_740_992.0;

/// Texts as they are, numbers as Python prints them. A number that was not read exactly is none: it
/// may name another user.
fn printed(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) if number.is_f64() => {
            let exact = number.as_f64().filter(|number| number.abs() < INEXACT);
            exact.map(python_text::float_repr)
        }
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_is_not_read_exactly_names_nobody() {
        for (text, id) in [
            ("17", Some("17")),
            ("18446744073709551615", Some("18446744073709551615")),
            ("1.5", Some("1.5")),
            ("18446744073709551616", None),
            ("123456789012345678901234567890", None),
            ("9007199254740993.0", None),
            ("-1e300", None),
        ] {
            let value = serde_json::from_str(text).unwrap();
            assert_eq!(printed(&value).as_deref(), id, "{text}");
        }
    }
}
