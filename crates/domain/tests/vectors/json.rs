use rest_auth_domain::json;
use serde_json::json;

use crate::load::{each, equal};

#[test]
fn columns_are_written_as_in_json_sqlite() {
    each("json.sqlite", |v| {
        let stored = json::spaced_ascii(&v.inputs["value"]);
        equal(&json!({ "stored": stored }), &v.expected)
    });
}
