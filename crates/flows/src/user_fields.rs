//! The fields that `user.extra_fields` adds to users. Where none are configured, nothing here asks
//! the database.

pub(crate) mod stored;

use std::collections::HashMap;

use rest_auth_domain::char_field::{CharField, Presence};
use rest_auth_domain::json_input;
use rest_auth_domain::message::Message;
use rest_auth_store::User;
use serde_json::{Map, Value};

use crate::auth::Auth;
use crate::error::AuthError;
use crate::settings::ExtraField;

pub use rest_auth_store::FieldChange;

/// Every configured field of a user in the order of the configuration; null where it has no value.
///
/// # Errors
/// Errors of the database.
pub async fn of(auth: &Auth, user_id: i64) -> Result<Map<String, Value>, AuthError> {
    stored::of(auth.store(), &auth.settings().user.extra_fields, user_id).await
}

/// The same of several users that follow one another in the order of ids.
///
/// # Errors
/// Errors of the database.
pub async fn of_page(auth: &Auth, users: &[User]) -> Result<Vec<Map<String, Value>>, AuthError> {
    let (Some(first), Some(last)) = (users.first(), users.last()) else { return Ok(Vec::new()) };
    let mut kept: HashMap<i64, HashMap<String, String>> = HashMap::new();
    if !auth.settings().user.extra_fields.is_empty() {
        for row in auth.store().fields_between(first.id, last.id).await? {
            kept.entry(row.user_id).or_default().insert(row.name, row.value);
        }
    }
    let (none, fields) = (HashMap::new(), &auth.settings().user.extra_fields);
    Ok(users
        .iter()
        .map(|user| stored::shown(fields, kept.get(&user.id).unwrap_or(&none)))
        .collect())
}

/// The rules for values of a field in requests.
#[must_use]
pub fn rule(field: &ExtraField) -> CharField {
    CharField {
        required: field.required,
        allow_blank: !field.required,
        allow_null: !field.required,
        max_length: Some(field.max_length),
        ..CharField::required()
    }
}

/// Values of fields from an administrator, read like those of a request. No field is required, and
/// null removes a value.
///
/// # Errors
/// The name of the field at fault and what is wrong, in English.
pub(crate) fn read(auth: &Auth, given: &Map<String, Value>) -> Result<Vec<FieldChange>, String> {
    let read = |(name, value): (&String, &Value)| {
        let Some(field) = auth.settings().user.extra_fields.get(name) else {
            return Err(format!("{name} is not declared in user.extra_fields"));
        };
        let rule = CharField { allow_null: true, ..rule(field) };
        let value = json_input::parse(&value.to_string()).map_err(|e| format!("{name}: {e}"))?;
        match field.kind.check(&rule, Presence::Json(&value)) {
            Ok(value) => Ok(FieldChange { name: name.clone(), value }),
            Err(problems) => {
                let said = problems.into_iter().map(|problem| Message::from(problem).to_string());
                Err(format!("{name}: {}", said.collect::<Vec<_>>().join(" ")))
            }
        }
    };
    given.iter().map(read).collect()
}
