use chrono::SecondsFormat;
use rest_auth_domain::random::OsRandom;
use rest_auth_domain::session::{
    self, HashVerdict, SessionData, SessionKey, SessionLife, check_auth_hash,
};
use serde_json::{Value, json};

use crate::inputs::{keys, now, number, time};
use crate::load::{Vector, each, equal};

const BACKENDS: [&str; 2] = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
];

fn data(value: &Value) -> SessionData {
    SessionData::from(value.as_object().unwrap().clone())
}

#[test]
fn hashes_are_made_as_in_session_auth_hash() {
    each("session.auth_hash", |v| {
        let keys = keys(v);
        let mut hashes = keys.all().map(|key| session::auth_hash(v.text("password_field"), key));
        let hash = hashes.next();
        let fallbacks: Vec<String> = hashes.collect();
        equal(&json!({ "hash": hash, "fallback_hashes": fallbacks }), &v.expected)
    });
}

#[test]
fn sessions_are_written_as_in_session_encode() {
    each("session.encode", |v| {
        let (keys, wanted) = (keys(v), v.expected["session_data"].as_str().unwrap());
        let written = data(&v.inputs["data"]).encode(&keys, now(v));
        equal(&SessionData::decode(&written, &keys), &data(&v.inputs["data"]))?;
        if written.starts_with('.') || wanted.starts_with('.') {
            // Packers differ, so only what is packed can be compared.
            return equal(&SessionData::decode(wanted, &keys), &data(&v.inputs["data"]));
        }
        equal(&written.as_str(), &wanted)
    });
}

#[test]
fn sessions_are_read_as_in_session_decode() {
    each("session.decode", |v| {
        let read = SessionData::decode(v.text("session_data"), &keys(v));
        equal(&read, &data(&v.expected["data"]))
    });
}

#[test]
fn lifetimes_are_reckoned_as_in_session_expiry() {
    each("session.expiry", |v| {
        let life = SessionLife {
            cookie_age: number(v, "cookie_age", 1_209_600),
            expire_at_browser_close: v.inputs["expire_at_browser_close"].as_bool().unwrap_or(false),
        };
        let lifetime = life.of(&data(&v.inputs["data"]), now(v));
        let outcome = json!({
            "age": lifetime.age,
            "expire_date": lifetime.expire_date.to_rfc3339_opts(SecondsFormat::AutoSi, false),
            "at_browser_close": lifetime.at_browser_close,
        });
        equal(&outcome, &v.expected)
    });
}

#[test]
fn cookies_name_a_session_as_in_session_key_ok() {
    each("session.key_ok", |v| {
        let accepted = SessionKey::from_cookie(v.text("cookie")).is_some();
        equal(&json!({ "accepted": accepted }), &v.expected)
    });
}

#[test]
fn users_are_recognized_as_in_session_user() {
    each("session.user", |v| equal(&recognize(v), &v.expected));
}

/// What a server does with a session cookie, on rows that stand in the vector.
fn recognize(v: &Vector) -> Value {
    let anonymous = json!({
        "user": null, "session": "kept", "modified": false, "stored_hash_replaced": false
    });
    let key = SessionKey::from_cookie(v.text("session_key")).unwrap();
    if time(&v.inputs["expire_date"]).unwrap() <= now(v) {
        return anonymous;
    }
    let keys = keys(v);
    let mut data = SessionData::decode(v.text("session_data"), &keys);
    let (Some(user_id), Some(backend)) = (data.user_id(), data.backend()) else {
        return anonymous;
    };
    let users = v.inputs["users"].as_array().unwrap();
    let user = users.iter().find(|user| user["pk"] == json!(user_id));
    let Some(user) = user.filter(|user| BACKENDS.contains(&backend) && is_active(user)) else {
        return anonymous;
    };
    let password = user["password"].as_str().unwrap();
    match check_auth_hash(data.auth_hash(), password, &keys) {
        HashVerdict::Current => json!({
            "user": user_id, "session": "kept", "modified": false, "stored_hash_replaced": false
        }),
        HashVerdict::Fallback => {
            let before = data.clone();
            data.set_auth_hash(&session::auth_hash(password, keys.current()));
            let cycled = SessionKey::generate(&OsRandom) != key;
            json!({
                "user": user_id,
                "session": if cycled { "cycled" } else { "kept" },
                "modified": true,
                "stored_hash_replaced": data != before,
            })
        }
        HashVerdict::Wrong => {
            data.clear();
            let state = if data.is_empty() { "flushed" } else { "kept" };
            json!({
                "user": null, "session": state, "modified": true, "stored_hash_replaced": false
            })
        }
    }
}

fn is_active(user: &Value) -> bool {
    user["is_active"].as_bool().unwrap_or(true)
}
