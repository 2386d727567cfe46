//! The stored values of the fields that `user.extra_fields` adds.

use std::collections::HashMap;

use rest_auth_store::Store;
use serde_json::{Map, Value};

use crate::error::AuthError;
use crate::settings::{ExtraField, ExtraFields};

/// Every configured field of a user in the order of the configuration; null where it has no value.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn of(
    store: &Store,
    fields: &ExtraFields,
    user_id: i64,
) -> Result<Map<String, Value>, AuthError> {
    if fields.is_empty() {
        return Ok(Map::new());
    }
    let rows = store.fields_of(user_id).await?;
    Ok(shown(fields, &rows.into_iter().map(|row| (row.name, row.value)).collect()))
}

/// The fields with the values that a user has.
pub(super) fn shown(fields: &ExtraFields, kept: &HashMap<String, String>) -> Map<String, Value> {
    let show = |field: &ExtraField| {
        let value = kept.get(&field.name).map(|value| field.kind.to_json(value));
        (field.name.clone(), value.unwrap_or_default())
    };
    fields.iter().map(show).collect()
}
