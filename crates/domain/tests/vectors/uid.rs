use rest_auth_domain::uid;
use serde_json::{Value, json};

use crate::load::{Vector, each, equal};

#[test]
fn ids_are_written_and_read_as_in_uid_base36() {
    each("uid.base36", |v| check(v, uid::base36, uid::from_base36));
}

#[test]
fn ids_are_written_and_read_as_in_uid_base64() {
    each("uid.base64", |v| check(v, uid::base64, uid::from_base64));
}

fn check(
    v: &Vector,
    write: fn(i64) -> String,
    read: fn(&str) -> Option<i64>,
) -> Result<(), String> {
    let outcome: Value = match v.inputs["pk"].as_i64() {
        Some(pk) => {
            equal(&read(&write(pk)), &Some(pk))?;
            json!({ "uid": write(pk) })
        }
        None => match read(v.text("uid")) {
            Some(pk) => json!({ "pk": pk }),
            None => json!({ "invalid": true }),
        },
    };
    equal(&outcome, &v.expected)
}
