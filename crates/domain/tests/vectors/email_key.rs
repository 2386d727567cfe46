use rest_auth_domain::email_key::{self, StoredKey};
use serde_json::json;

use crate::inputs::{keys, now, number, time};
use crate::load::{Vector, each, equal};

#[test]
fn keys_are_made_as_in_emailkey_make() {
    each("emailkey.make", |v| {
        let pk = v.inputs["email_address_pk"].as_i64().unwrap();
        let key = email_key::make(&keys(v), salt(v), pk, now(v));
        equal(&json!({ "key": key }), &v.expected)
    });
}

#[test]
fn keys_are_checked_as_in_emailkey_check() {
    each("emailkey.check", |v| {
        let days = number(v, "expire_days", 3);
        let pk = email_key::read(&keys(v), salt(v), v.text("key"), days, now(v)).ok();
        let rows = v.inputs["addresses"].as_array().unwrap();
        let unverified = |pk: &i64| {
            rows.iter().any(|row| row["pk"] == json!(pk) && row["verified"] == json!(false))
        };
        equal(&json!({ "address": pk.filter(unverified) }), &v.expected)
    });
}

#[test]
fn stored_keys_are_judged_as_in_emailkey_db_check() {
    each("emailkey.db_check", |v| {
        let row = &v.inputs["row"];
        if row["key"].as_str() != Some(&email_key::look_up(v.text("key"))) {
            return equal(&json!({ "found": false }), &v.expected);
        }
        let verified = v.inputs["verified"].as_bool().unwrap_or(false);
        let days = number(v, "expire_days", 3);
        let judged = email_key::classify(time(&row["sent"]), verified, days, now(v));
        if v.raises() {
            return equal(&judged, &StoredKey::NeverSent);
        }
        let outcome = match judged {
            StoredKey::Confirms => json!({ "found": true, "expired": false }),
            StoredKey::Expired => json!({ "found": true, "expired": true }),
            StoredKey::Unknown => json!({ "found": false }),
            StoredKey::NeverSent => json!("never sent"),
        };
        equal(&outcome, &v.expected)
    });
}

fn salt(v: &Vector) -> &str {
    v.inputs["salt"].as_str().unwrap_or(email_key::DEFAULT_SALT)
}
