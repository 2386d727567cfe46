//! The time step of the last code that was used, in the column `data` of either table.

use serde_json::Value;

const LAST_STEP: &str = "last_step";

/// The column `data` after a code of this step. `None`: a code of it or of a later one was used, or
/// the column cannot be read.
pub(super) fn after(data: &Value, step: u64) -> Option<Value> {
    let last = data.get(LAST_STEP).map_or(Some(None), |last| last.as_u64().map(Some))?;
    if last.is_some_and(|last| step <= last) {
        return None;
    }
    let mut data = data.clone();
    data.as_object_mut()?.insert(LAST_STEP.to_owned(), Value::from(step));
    Some(data)
}
