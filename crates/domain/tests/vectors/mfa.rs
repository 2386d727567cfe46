use rest_auth_domain::mfa::authenticator::UsedCode;
use rest_auth_domain::mfa::challenge::{self, Activation};
use rest_auth_domain::mfa::{Owner, TotpSecret, TotpShape, authenticator, otpauth, recovery_codes};
use serde_json::{Value, json};

use crate::inputs::{count, keys, now};
use crate::load::{Vector, each, equal};

fn shape(v: &Vector) -> TotpShape {
    TotpShape::new(count(v, "digits", 6), count(v, "period", 30)).unwrap()
}

fn secret(v: &Vector) -> TotpSecret {
    TotpSecret::parse(v.text("secret")).unwrap()
}

#[test]
fn codes_are_made_as_in_mfa_totp_code() {
    each("mfa.totp_code", |v| {
        let step = shape(v).step(now(v)).unwrap();
        equal(&json!({ "code": secret(v).code(step, shape(v)) }), &v.expected)
    });
}

#[test]
fn secrets_are_stored_as_in_mfa_secret_store() {
    each("mfa.secret_store", |v| {
        let stored = authenticator::sign_secret(&secret(v), &keys(v));
        equal(&json!({ "stored": stored }), &v.expected)?;
        let data = authenticator::enroll(&secret(v), &keys(v));
        equal(&data, &json!({ "secret": stored }))
    });
}

#[test]
fn codes_are_checked_as_in_mfa_totp_verify() {
    each("mfa.totp_verify", |v| {
        let (data, keys) = (&v.inputs["data"], keys(v));
        let owner = Owner { user_id: 1, keys: &keys };
        let used = authenticator::use_code(data, v.text("code"), shape(v), owner, now(v));
        if v.raises() {
            return equal(&used, &None);
        }
        if let Some(used) = &used {
            let distance = used.step.abs_diff(shape(v).step(now(v)).unwrap());
            equal(&(distance <= 1), &true)?;
        }
        let outcome = json!({
            "ok": used.is_some(),
            "last_used_at_set": used.is_some(),
            "data_after": used.map_or_else(|| data.clone(), as_django_writes),
        });
        equal(&outcome, &v.expected)
    });
}

/// The column without the step, which is an entry of ours.
fn as_django_writes(used: UsedCode) -> Value {
    let mut data = used.data;
    let step = data.as_object_mut().and_then(|entries| entries.remove("last_step"));
    assert_eq!(step, Some(json!(used.step)));
    data
}

#[test]
fn codes_are_derived_as_in_mfa_recovery_codes() {
    each("mfa.recovery_codes", |v| {
        let data = json!({ "seed": v.text("seed") });
        let codes = recovery_codes::all(&data, count(v, "count", 10));
        equal(&json!({ "codes": codes }), &v.expected)
    });
}

#[test]
fn codes_are_used_as_in_mfa_recovery_use() {
    each("mfa.recovery_use", |v| {
        let (data, count) = (&v.inputs["data"], count(v, "count", 10));
        let used = recovery_codes::use_code(data, v.text("code"), count);
        let ok = used.is_some();
        let after = used.unwrap_or_else(|| data.clone());
        let unused = recovery_codes::unused(&after, count);
        equal(&json!({ "ok": ok, "data_after": after, "unused_after": unused }), &v.expected)
    });
}

#[test]
fn tokens_are_made_as_in_mfa_ephemeral_make() {
    each("mfa.ephemeral_make", |v| {
        let user_id = v.inputs["user_pk"].as_i64().unwrap();
        let token = challenge::ephemeral_token(user_id, &keys(v), now(v));
        equal(&json!({ "token": token }), &v.expected)
    });
}

#[test]
fn tokens_are_checked_as_in_mfa_ephemeral_check() {
    each("mfa.ephemeral_check", |v| {
        let timeout = i64::from(count(v, "timeout", 300));
        let read = challenge::read_ephemeral_token(v.text("token"), timeout, &keys(v), now(v));
        let users = v.inputs["users"].as_array().unwrap();
        let user = read.ok().filter(|user| users.contains(&json!(user)));
        equal(&json!(user), &v.expected["user"])
    });
}

#[test]
fn tokens_are_made_as_in_mfa_activation_make() {
    each("mfa.activation_make", |v| {
        let user_id = v.inputs["user_pk"].as_i64().unwrap();
        let activation = Activation { user_id, secret: secret(v) };
        let token = challenge::activation_token(&activation, &keys(v), now(v));
        equal(&json!({ "token": token }), &v.expected)
    });
}

#[test]
fn tokens_are_checked_as_in_mfa_activation_check() {
    each("mfa.activation_check", |v| {
        let timeout = i64::from(count(v, "timeout", 300));
        let read = challenge::read_activation_token(v.text("token"), timeout, &keys(v), now(v));
        let payload = match read {
            Ok(Activation { user_id, secret }) => {
                json!({ "uid": user_id, "secret": secret.base32() })
            }
            Err(_) => Value::Null,
        };
        equal(&json!({ "payload": payload }), &v.expected)
    });
}

#[test]
fn uris_are_written_as_in_mfa_uri() {
    each("mfa.uri", |v| {
        let account = Some(v.text("email")).filter(|email| !email.is_empty());
        let account = account.unwrap_or_else(|| v.text("username"));
        let issuer = v.inputs["issuer"].as_str().unwrap_or("");
        let uri = otpauth::uri(&secret(v), account, issuer, shape(v));
        equal(&json!({ "uri": uri }), &v.expected)
    });
}
